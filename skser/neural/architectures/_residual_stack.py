"""The residual networks, which differ in what they make of their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_WIDTH = 128
_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2


def residual_stack(
    inputs: keras.KerasTensor, frames: Any, mask: Any, n_classes: int
) -> keras.Model:
    """Finish a network from sequences (batch, frames, channels) and their mask."""
    import keras
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
    x = layers.Dropout(_DROPOUT)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
