from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._image_stack import image_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "image-linear",
    reference_input=(64, 64, 3),
    n_classes=5,
    parameters=192_485,
    source='unpublished notebook "Spectrogram images" on EmoV-DB',
)
def image_linear(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build one small convolution and a classifier, for spectrogram images.

    C10,3x3 - Flatten - FC K. With 64 x 64 x 3 values and 5 classes: 192 485 parameters. Trained
    with Adam, 1 epoch. Source: the study "Spectrogram images" on EmoV-DB.

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return image_stack(input_shape, n_classes, convolutions=[(10, 3)])
