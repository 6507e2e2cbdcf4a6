"""A residual network of 3 x 3 convolutions for images of any length."""

from __future__ import annotations

from typing import Any

from skser.neural.architectures._residual_stack import lay_out

_WIDTHS = (16, 32, 64)
_EMBEDDED = 128
_DROPOUT = 0.2


def square_stack(image: Any, mask: Any) -> Any:
    """Turn masked images (batch, rows, frames, channels) into embeddings (batch, 256).

    The network has a convolution and a pool, two residual blocks with a pool each, one layer for
    the rows of each frame, and attentive statistics over the frames.
    """
    from keras import layers

    from skser.neural.layers import (
        AttentiveStatisticsPooling,
        HalveMask,
        MaskedBatchNormalization,
    )

    def convolve(x: Any, width: int, size: int = 3) -> Any:
        return layers.Conv2D(width, size, padding="same", use_bias=False)(x)

    def activate(x: Any) -> Any:
        return layers.ReLU()(MaskedBatchNormalization()(x, mask))

    def halve(x: Any) -> Any:
        # The values are nowhere negative, so that padding, which is 0, changes no maximum. A
        # two-dimensional convolution with a stride would corrupt the heap of TensorFlow 2.21
        # where images change in length.
        return layers.MaxPooling2D(2, padding="same")(x)

    x = halve(activate(convolve(image, _WIDTHS[0])))
    mask = HalveMask()(mask)
    for width in _WIDTHS[1:]:
        short = convolve(halve(x), width, 1)
        x = halve(activate(convolve(x, width)))
        mask = HalveMask()(mask)
        change = MaskedBatchNormalization()(convolve(x, width), mask)
        x = layers.ReLU()(layers.Add()([change, short]))
    x = lay_out(x)
    x = activate(layers.Conv1D(_EMBEDDED, 1, use_bias=False)(x))
    x = AttentiveStatisticsPooling(64)(x, mask)
    return layers.Dropout(_DROPOUT)(x)
