from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._ijpr_stack import ijpr_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "ijpr2020-small",
    reference_input=(5, 1),
    parameters=167_174,
    source=(
        'unpublished notebook "Incremental selection" on CREMA-D, after '
        "doi:10.37200/IJPR/V24I8/PR280260"
    ),
)
def ijpr2020_small(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build `ijpr2020` with short kernels and one padded pool, for very short inputs.

    C128,2 same - C128,2 same - D.1 - P5/2 same - 3 x [C128,2 same] - D.2 - C128,2 same - Flatten -
    FC K. With 5 values and 6 classes: 167 174 parameters. Trained with Adam at 1e-3. Source: the
    study "Incremental selection" on CREMA-D, after doi:10.37200/IJPR/V24I8/PR280260.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return ijpr_stack(input_shape, n_classes, kernel=2, pool=5, stride=2, pool_padding="same")
