from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "dense",
    reference_input=(128,),
    parameters=8_646,
    source='unpublished notebook "Mel/MFCC fusion" on CREMA-D',
)
def dense(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build two dense layers, the second of which classifies, for embeddings.

    FC64 - FC K. With 128 values and 6 classes: 8 646 parameters. Source: the fusion of two
    image networks whose last hidden layers are concatenated.

    Parameters
    ----------
    input_shape : tuple (n_values,)
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
            layers.Dense(64, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
