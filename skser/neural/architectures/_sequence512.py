from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "sequence512",
    reference_input=(2162, 1),
    parameters=6_733_958,
    source='unpublished notebook "AlexNet" on CREMA-D',
)
def sequence512(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build five convolutions with up to 512 filters and batch normalisation, for long sequences.

    C512,5 same - BN - P/2 same - C512,5 same - BN - P/2 same - C256,5 same - BN - P/2 same - C256,3
    same - BN - P/2 same - C128,3 same - BN - P/2 same - Flatten - FC512 - BN - FC K. The study
    does not state the size of the pools, and no parameter depends on it: here it is 5, and 3 for
    the last. With 2162 values and 6 classes: 6 733 958 parameters, 6 729 606 of them trainable.
    Trained with Adam at 1e-3, 30 epochs, batches of 32, the rate halved on a plateau. Source: the
    study "AlexNet" on CREMA-D.

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
    for filters, kernel, pool in ((512, 5, 5), (512, 5, 5), (256, 5, 5), (256, 3, 5), (128, 3, 3)):
        blocks += [
            layers.Conv1D(filters, kernel, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling1D(pool, 2, padding="same"),
        ]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
