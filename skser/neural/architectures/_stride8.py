from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "stride8",
    reference_input=(30, 216, 1),
    parameters=1_053_254,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def stride8(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build seven convolutions that stride by their own size, for mel spectrograms.

    7 x [C f,8x8 stride 8 same - P2 same - D.5], f = 32, 32, 32, 64, 64, 64, 64 - Flatten - FC32 -
    D.5 - FC K. With 30 x 216 values and 6 classes: 1 053 254 parameters; from the third convolution
    on, one position is left. Trained with Adam at 1e-3. Source: the study "Incremental selection"
    on CREMA-D.

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
    for filters in (32, 32, 32, 64, 64, 64, 64):
        blocks += [
            layers.Conv2D(filters, 8, strides=8, padding="same", activation="relu"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Dropout(0.5),
        ]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
