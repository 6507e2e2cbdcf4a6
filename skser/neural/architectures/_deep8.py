from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register
from skser.neural.architectures._with_batch_norm import with_batch_norm

if TYPE_CHECKING:
    import keras


@register(
    "deep8",
    reference_input=(180, 1),
    parameters=490_374,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def deep8(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build eight same-padded convolutions in three steps, for vectors of features.

    C256,3 same - C256,3 same (linear) - BN - ReLU - D.25 - P3/3 - 3 x [C128,3 same] - C128,3 same
    (linear) - BN - ReLU - D.25 - P3/3 same - 2 x [C64,3 same] - Flatten - FC K. With 180 values and
    6 classes: 490 374 parameters, 489 606 of them trainable. Trained with SGD at 1e-3, or with
    Adam, the rate halved on a plateau. Source: the study "Incremental selection" on CREMA-D.

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
            layers.Conv1D(256, 3, padding="same", activation="relu"),
            *with_batch_norm(layers.Conv1D(256, 3, padding="same")),
            layers.Dropout(0.25),
            layers.MaxPooling1D(3),
            *[layers.Conv1D(128, 3, padding="same", activation="relu") for _ in range(3)],
            *with_batch_norm(layers.Conv1D(128, 3, padding="same")),
            layers.Dropout(0.25),
            layers.MaxPooling1D(3, padding="same"),
            *[layers.Conv1D(64, 3, padding="same", activation="relu") for _ in range(2)],
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
