"""The residual networks, which differ in what they make of their input."""

from __future__ import annotations

from typing import Any

_WIDTH = 128
_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2


def residual_stack(frames: Any, mask: Any) -> Any:
    """Turn sequences (batch, frames, channels) under their mask into embeddings."""
    from keras import layers

    from skser.neural.layers import AttentiveStatisticsPooling, MaskedBatchNormalization

    def convolve(x: Any, size: int, dilation: int = 1) -> Any:
        convolution = layers.Conv1D(
            _WIDTH, size, dilation_rate=dilation, padding="same", use_bias=False
        )
        return MaskedBatchNormalization()(convolution(x), mask)

    x = layers.ReLU()(convolve(frames, 5))
    x = layers.SpatialDropout1D(_DROPOUT / 2)(x)
    for dilation in _DILATIONS:
        change = convolve(layers.ReLU()(convolve(x, 3, dilation)), 1)
        x = layers.ReLU()(layers.Add()([x, change]))
        x = layers.SpatialDropout1D(_DROPOUT / 2)(x)
    x = AttentiveStatisticsPooling(64)(x, mask)
    return layers.Dropout(_DROPOUT)(x)


def lay_out(image: Any) -> Any:
    """Turn images into sequences: rows and channels of each frame side by side."""
    from keras import layers

    x = layers.Permute((2, 1, 3))(image)
    return layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
