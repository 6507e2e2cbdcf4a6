from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras

_LONGEST = 45
"""Maximal length after pooling, which keeps the first dense layer under 45 000 parameters."""


@register("small", reference_input=(180, 1), parameters=48_760, source="skser")
def small(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build our default for vectors: two same-padded convolutions, for any length from one value.

    C32,5 same - P2/2 same - C32,5 same - P2/2 same - [P down to 45 values] - Flatten - D.3 - FC30 -
    D.3 - FC K, all ReLU. The network has fewer than 50 000 parameters at any length, and 48 760
    with 180 values and 6 classes. It was chosen on EMO-DB in speaker-independent evaluation
    against one and three convolutions, batch normalisation, more dropout and other widths, none of
    which did clearly better.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    x = inputs
    for _ in range(2):
        x = layers.Conv1D(32, 5, padding="same", activation="relu")(x)
        x = layers.MaxPooling1D(2, padding="same")(x)
    if x.shape[1] > _LONGEST:
        x = layers.MaxPooling1D(-(-x.shape[1] // _LONGEST), padding="same")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(30, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
