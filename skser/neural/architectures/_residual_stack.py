"""The residual networks, which differ in what they make of their input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_WIDTH = 128
_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2


def residual_stack(views: Sequence[Any], mask: Any, stride: int = 1) -> Any:
    """Turn sequences (batch, frames, channels) under their mask into embeddings.

    With several views, of one length, each goes through a network of its own, and the embeddings
    are side by side.
    """
    from keras import layers

    from skser.neural.layers import (
        AttentiveStatisticsPooling,
        HalveMask,
        MaskedBatchNormalization,
        PerMember,
    )

    def each(make: Callable[[], Any]) -> Any:
        return make() if len(views) == 1 else PerMember([make() for _ in views])

    def normalise(x: Any) -> Any:
        return MaskedBatchNormalization()(x, mask)

    def convolve(x: Any, size: int, dilation: int) -> Any:
        def convolution() -> Any:
            return layers.Conv1D(
                _WIDTH, size, dilation_rate=dilation, padding="same", use_bias=False
            )

        return normalise(each(convolution)(x))

    def begin(x: Any) -> Any:
        # "same" would begin elsewhere with a stride, as the longest clip of a batch is odd or even.
        x = layers.ZeroPadding1D(2)(x)
        return layers.Conv1D(_WIDTH, 5, strides=stride, use_bias=False)(x)

    if stride == 2:
        mask = HalveMask()(mask)
    begun = [begin(view) for view in views]
    x = layers.ReLU()(normalise(layers.Concatenate()(begun) if len(begun) > 1 else begun[0]))
    x = layers.SpatialDropout1D(_DROPOUT / 2)(x)
    for dilation in _DILATIONS:
        change = convolve(layers.ReLU()(convolve(x, 3, dilation)), 1, 1)
        x = layers.ReLU()(layers.Add()([x, change]))
        x = layers.SpatialDropout1D(_DROPOUT / 2)(x)
    x = each(lambda: AttentiveStatisticsPooling(64))(x, mask)
    return layers.Dropout(_DROPOUT)(x)


def lay_out(image: Any) -> Any:
    """Turn images into sequences: rows and channels of each frame side by side."""
    from keras import layers

    x = layers.Permute((2, 1, 3))(image)
    return layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
