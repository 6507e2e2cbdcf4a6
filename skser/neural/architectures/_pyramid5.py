from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._pyramid_stack import pyramid_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "pyramid5",
    reference_input=(258, 1),
    parameters=1_016_038,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def pyramid5(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build `pyramid3` with wider kernels and pools, for vectors of features.

    C512,5 same - P5/2 same - C256,5 same - BN - P5/2 same - C128,5 same - C64,5 same - P5/2 same -
    C32,5 same - P5/2 same - D.25 - Flatten - FC256 - D.25 - FC K. With 258 values and 6 classes:
    1 016 038 parameters, 1 015 526 of them trainable. Trained with Adam at 1e-3, on augmented data.
    Source: the study "Incremental selection" on CREMA-D.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return pyramid_stack(input_shape, n_classes, size=5)
