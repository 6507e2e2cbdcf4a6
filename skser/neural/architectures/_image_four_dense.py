from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._image_stack import image_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "image-four-dense",
    reference_input=(64, 64, 3),
    n_classes=5,
    parameters=48_700,
    source='unpublished notebook "Spectrogram images" on EmoV-DB',
)
def image_four_dense(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build four convolutions with pooling and two dense layers, for spectrogram images.

    C70,3x3 - P2/2 - C35,3x3 - P2/2 - C35,3x3 - P2/2 - C15,3x3 - P2/2 - Flatten - FC90 - FC35 -
    FC K. With 64 x 64 x 3 values and 5 classes: 48 700 parameters. Trained with Adam, batches of
    45. Source: the study "Spectrogram images" on EmoV-DB.

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return image_stack(
        input_shape,
        n_classes,
        convolutions=[(70, 3), (35, 3), (35, 3), (15, 3)],
        pool_last=True,
        dense=[90, 35],
    )
