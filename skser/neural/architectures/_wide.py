from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "wide",
    reference_input=(314, 1),
    parameters=446_598,
    source='unpublished notebook "Frame sequences" on CREMA-D',
)
def wide(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions with many filters, for concatenated frame sequences.

    C256,12 - P2/2 - C128,8 - P2/2 - C64,5 - P2/2 - Flatten - FC64 - D.5 - BN - FC K. With 314
    values and 6 classes: 446 598 parameters, 446 470 of them trainable. Trained with Adam at 1e-3,
    25 epochs, batches of 128. Source: the study "Frame sequences" on CREMA-D.

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
            layers.Conv1D(256, 12, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(128, 8, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(64, 5, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.5),
            layers.BatchNormalization(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
