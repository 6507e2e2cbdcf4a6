from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def pyramid_stack(input_shape: tuple[int, ...], n_classes: int, *, size: int) -> keras.Model:
    """Build the pyramid networks, whose kernels and pools are of one size."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv1D(512, size, padding="same", activation="relu"),
            layers.MaxPooling1D(size, 2, padding="same"),
            layers.Conv1D(256, size, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling1D(size, 2, padding="same"),
            layers.Conv1D(128, size, padding="same", activation="relu"),
            layers.Conv1D(64, size, padding="same", activation="relu"),
            layers.MaxPooling1D(size, 2, padding="same"),
            layers.Conv1D(32, size, padding="same", activation="relu"),
            layers.MaxPooling1D(size, 2, padding="same"),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.25),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
