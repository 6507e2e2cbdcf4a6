from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register
from skser.neural.architectures._with_batch_norm import with_batch_norm

if TYPE_CHECKING:
    import keras


@register(
    "bn4x10",
    reference_input=(30, 216, 1),
    parameters=152_134,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def bn4x10(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build four convolutions with wide kernels and batch normalisation, for mel spectrograms.

    4 x [C32,4x10 same (linear) - BN - ReLU - P2 - D.2] - Flatten - FC64 (linear) - D.2 - BN -
    ReLU - D.2 - FC K. With 30 x 216 values and 6 classes: 152 134 parameters, 151 750 of them
    trainable. Trained with Adam at 1e-3. Source: the study "Incremental selection" on CREMA-D.

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
    for _ in range(4):
        blocks += [
            *with_batch_norm(layers.Conv2D(32, (4, 10), padding="same")),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
        ]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(64),
            layers.Dropout(0.2),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
