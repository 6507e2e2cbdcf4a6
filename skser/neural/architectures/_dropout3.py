from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "dropout3",
    reference_input=(128, 63, 1),
    parameters=830_854,
    source='unpublished notebook "Mel/MFCC fusion" on CREMA-D',
)
def dropout3(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three same-padded convolutions with fewer and fewer filters, for mel and MFCC images.

    C256,3x3 same - P2 - D - C128,3x3 same - P2 - D - C64,3x3 same - P2 - D - Flatten - FC64 - BN -
    FC K. The study does not state the dropout rate: here it is 0.2. With 128 x 63 values and 6
    classes: 830 854 parameters, 830 726 of them trainable. Trained with Adam, on augmented data.
    Source: the study "Mel/MFCC fusion" on CREMA-D.

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras
    from keras import layers

    blocks = []
    for filters in (256, 128, 64):
        blocks += [
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
        ]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
