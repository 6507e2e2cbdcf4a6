from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register("small", reference_input=(180, 1), parameters=51_654, source="skser")
def small(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build our default: same-padded, for vectors of any length, from one value up.

    placeholder

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
    length = input_shape[0]
    for filters in (32, 32):
        x = layers.Conv1D(filters, 5, padding="same", activation="relu")(x)
        if length > 1:
            x = layers.MaxPooling1D(2, padding="same")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
