from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._pyramid_stack import pyramid_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "pyramid3",
    reference_input=(180, 1),
    parameters=625_894,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def pyramid3(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build five convolutions with fewer and fewer filters, for vectors of features.

    C512,3 same - P3/2 same - C256,3 same - BN - P3/2 same - C128,3 same - C64,3 same - P3/2 same -
    C32,3 same - P3/2 same - D.25 - Flatten - FC256 - D.25 - FC K. With 180 values and 6 classes:
    625 894 parameters, 625 382 of them trainable. Trained with Adam at 1e-3. Source: the study
    "Incremental selection" on CREMA-D.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return pyramid_stack(input_shape, n_classes, size=3)
