"""A residual network over the frames of sequences of any length."""

from __future__ import annotations

from typing import Any

_WIDTH = 128
_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2


def residual_stack(x: Any, mask: Any, halve: bool = False) -> Any:
    """Turn masked sequences (batch, frames, channels) into embeddings (batch, 256).

    With `halve`, the first convolution keeps every second frame.
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
    # With a stride, the first position of "same" depends on whether the longest clip of a batch
    # has an odd or an even number of frames.
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
    """Turn images into sequences by concatenating the rows and channels of each frame."""
    from keras import layers

    x = layers.Permute((2, 1, 3))(image)
    return layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
