from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "three-block",
    reference_input=(30, 216, 1),
    parameters=877_286,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def three_block(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions with pooling between, for mel spectrograms.

    C32,3x3 - P2 - D.2 - C64,3x3 - P2 - D.2 - C64,3x3 - Flatten - FC64 - D.2 - FC32 - FC K. With
    30 x 216 values and 6 classes: 877 286 parameters. Trained with Adam at 1e-3, 5e-4 or 1e-4, the
    rate multiplied by 0.9 on a plateau. Source: the study "Incremental selection" on CREMA-D.

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

    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(32, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
