from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register
from skser.neural.architectures._with_batch_norm import with_batch_norm

if TYPE_CHECKING:
    import keras


@register(
    "alexnet",
    reference_input=(128, 188, 1),
    parameters=36_300_894,
    source=(
        "A. Krizhevsky, I. Sutskever, G. E. Hinton, 2012, ImageNet Classification with Deep "
        "Convolutional Neural Networks, doi:10.1145/3065386; adapted in the unpublished notebook "
        '"AlexNet" on CREMA-D'
    ),
)
def alexnet(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build AlexNet with batch normalisation throughout, for mel spectrograms.

    C96,11x11 same (linear) - BN - ReLU - P2 - C256,5x5 same (linear) - BN - ReLU - P3 - ZeroPad1 -
    C384,3x3 same (linear) - BN - ReLU - P3 - ZeroPad1 - C384,3x3 same (linear) - BN - ReLU -
    ZeroPad1 - C256,3x3 same (linear) - BN - ReLU - P3 - Flatten - FC4096 - BN - ReLU - FC4096 -
    BN - ReLU - FC K - BN - softmax. Pools stride by their size. With 128 x 188 values and 6
    classes: 36 300 894 parameters, 36 281 746 of them trainable. Trained with Adam at 1e-3, 30
    epochs, batches of 32, the rate halved on a plateau. Source: the study "AlexNet" on CREMA-D,
    after Krizhevsky, Sutskever & Hinton 2012.

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
            *with_batch_norm(layers.Conv2D(96, 11, padding="same")),
            layers.MaxPooling2D(2),
            *with_batch_norm(layers.Conv2D(256, 5, padding="same")),
            layers.MaxPooling2D(3),
            layers.ZeroPadding2D(1),
            *with_batch_norm(layers.Conv2D(384, 3, padding="same")),
            layers.MaxPooling2D(3),
            layers.ZeroPadding2D(1),
            *with_batch_norm(layers.Conv2D(384, 3, padding="same")),
            layers.ZeroPadding2D(1),
            *with_batch_norm(layers.Conv2D(256, 3, padding="same")),
            layers.MaxPooling2D(3),
            layers.Flatten(),
            *with_batch_norm(layers.Dense(4096)),
            *with_batch_norm(layers.Dense(4096)),
            layers.Dense(n_classes),
            layers.BatchNormalization(),
            layers.Softmax(),
        ]
    )
