from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "conv7x7",
    reference_input=(128, 157, 1),
    parameters=951_926,
    source='unpublished notebook "Frame sequences" on CREMA-D',
)
def conv7x7(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions with large square kernels, for mel spectrograms.

    C16,7x7 - P2 - BN - C24,7x7 - P2 - BN - C24,7x7 - Flatten - FC64 - BN - D.2 - FC K. With
    128 x 157 values and 6 classes: 951 926 parameters, 951 718 of them trainable. Trained with Adam
    at 1e-3, 10 epochs, batches of 128. Source: the study "Frame sequences" on CREMA-D.

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
            layers.Conv2D(16, 7, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(24, 7, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(24, 7, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
