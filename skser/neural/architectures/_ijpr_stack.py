from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def ijpr_stack(
    input_shape: tuple[int, ...],
    n_classes: int,
    *,
    kernel: int,
    pool: int,
    stride: int,
    pool_padding: str,
) -> keras.Model:
    """Build the IJPR networks, which differ in the size of kernels and of their one pool."""
    import keras
    from keras import layers

    def convolution() -> keras.layers.Layer:
        return layers.Conv1D(128, kernel, padding="same", activation="relu")

    return keras.Sequential(
        [
            keras.Input(input_shape),
            convolution(),
            convolution(),
            layers.Dropout(0.1),
            layers.MaxPooling1D(pool, stride, padding=pool_padding),
            convolution(),
            convolution(),
            convolution(),
            layers.Dropout(0.2),
            convolution(),
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
