"""A residual network over the frames of sequences of any length."""

from __future__ import annotations

from typing import Any

_WIDTH = 128
_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2


def residual_stack(x: Any, mask: Any, halve: bool = False) -> Any:
    """Turn sequences (batch, frames, channels) under their mask into embeddings (batch, 256).

    With `halve`, every second frame is kept by the first convolution.
    """
    from keras import layers

    from skser.neural.layers import (
        AttentiveStatisticsPooling,
        HalveMask,
        MaskedBatchNormalization,
    )

    def normalise(x: Any) -> Any:
        return MaskedBatchNormalization()(x, mask)

    def convolve(x: Any, size: int, dilation: int) -> Any:
        convolution = layers.Conv1D(
            _WIDTH, size, dilation_rate=dilation, padding="same", use_bias=False
        )
        return normalise(convolution(x))

    if halve:
        mask = HalveMask()(mask)
    # "same" would begin elsewhere with a stride, as the longest clip of a batch is odd or even.
    x = layers.ZeroPadding1D(2)(x)
    x = layers.Conv1D(_WIDTH, 5, strides=2 if halve else 1, use_bias=False)(x)
    x = layers.SpatialDropout1D(_DROPOUT / 2)(layers.ReLU()(normalise(x)))
    for dilation in _DILATIONS:
        change = convolve(layers.ReLU()(convolve(x, 3, dilation)), 1, 1)
        x = layers.ReLU()(layers.Add()([x, change]))
        x = layers.SpatialDropout1D(_DROPOUT / 2)(x)
    x = AttentiveStatisticsPooling(64)(x, mask)
    return layers.Dropout(_DROPOUT)(x)


def lay_out(image: Any) -> Any:
    """Turn images into sequences: rows and channels of each frame side by side."""
    from keras import layers

    x = layers.Permute((2, 1, 3))(image)
    return layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
