from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "vgg16",
    reference_input=(128, 157, 1),
    parameters=18_911_430,
    source=(
        "K. Simonyan, A. Zisserman, 2015, Very Deep Convolutional Networks for Large-Scale Image "
        "Recognition, arXiv:1409.1556, configuration D with a smaller head"
    ),
)
def vgg16(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build the convolutions of VGG-16 with a smaller head, for mel spectrograms.

    2 x [C64,3x3 same] - P2/2 - 2 x [C128,3x3 same] - P2/2 - 3 x [C256,3x3 same] - P2/2 -
    3 x [C512,3x3 same] - P2/2 - 3 x [C512,3x3 same] - P2/2 - Flatten - FC512 - D.5 - FC K. Any
    number of channels, no pretrained weights. The published head of two FC4096 is sized for 1000
    classes of objects; this head is our own. With 128 x 157 values and 6 classes: 18 911 430
    parameters. Trained with Adam. Source: Simonyan & Zisserman 2015, arXiv:1409.1556, configuration
    D; the study "Incremental selection" on CREMA-D.

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
    for filters, n_convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(n_convolutions):
            blocks.append(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        blocks.append(layers.MaxPooling2D(2))
    return keras.Sequential(
        [
            keras.Input(input_shape),
            *blocks,
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
