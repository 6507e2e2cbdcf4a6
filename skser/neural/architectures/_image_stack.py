from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def image_stack(
    input_shape: tuple[int, ...],
    n_classes: int,
    *,
    convolutions: Sequence[tuple[int, int]],
    pool_last: bool = False,
    dense: Sequence[int] = (),
) -> keras.Model:
    """Build valid convolutions (filters, kernel) with 2 x 2 pools between, and dense layers."""
    import keras
    from keras import layers

    blocks = []
    for n, (filters, kernel) in enumerate(convolutions, start=1):
        blocks.append(layers.Conv2D(filters, kernel, activation="relu"))
        if n < len(convolutions) or pool_last:
            blocks.append(layers.MaxPooling2D(2))
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            *[layers.Dense(units, activation="relu") for units in dense],
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
