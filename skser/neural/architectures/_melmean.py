from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "melmean",
    reference_input=(128, 1),
    parameters=553_894,
    source='unpublished notebook "Mel/MFCC fusion" on CREMA-D',
)
def melmean(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build four same-padded convolutions with pooling, for mel spectra averaged over time.

    C256,5 same - P2/2 - BN - C256,5 same - P2/2 - BN - C128,5 same - P2/2 - BN - C64,5 same -
    P2/2 - BN - Flatten - FC32 - D - FC K. The study does not state the dropout rate: here it is
    0.2. With 128 values and 6 classes: 553 894 parameters, 552 486 of them trainable. Trained with
    Adam, on augmented data. Source: the study "Mel/MFCC fusion" on CREMA-D.

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

    blocks = []
    for filters in (256, 256, 128, 64):
        blocks += [
            layers.Conv1D(filters, 5, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.BatchNormalization(),
        ]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
