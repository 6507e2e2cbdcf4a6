from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "compact",
    reference_input=(157, 1),
    parameters=28_166,
    source='unpublished notebook "Frame sequences" on CREMA-D',
)
def compact(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions with pooling, for concatenated frame sequences.

    C16,12 - P2/2 - C24,8 - P2/2 - C24,5 - P2/2 - Flatten - FC64 - D.2 - FC K. With 157, 314 and 471
    values and 6 classes: 28 166, 58 886 and 88 070 parameters. Trained with Adam at 1e-3, 50
    epochs, batches of 128. Source: the study "Frame sequences" on CREMA-D.

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

    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv1D(16, 12, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(24, 8, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(24, 5, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
