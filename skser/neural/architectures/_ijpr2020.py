from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._ijpr_stack import ijpr_stack
from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "ijpr2020",
    reference_input=(216, 1),
    n_classes=10,
    parameters=445_578,
    source=(
        "International Journal of Psychosocial Rehabilitation 24(8), 2020, "
        "doi:10.37200/IJPR/V24I8/PR280260"
    ),
)
def ijpr2020(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build six same-padded convolutions of 128 filters, for vectors of features.

    C128,5 same - C128,5 same - D.1 - P8/8 - 3 x [C128,5 same] - D.2 - C128,5 same - Flatten - FC K.
    With 216 values and 10 classes: 445 578 parameters. Trained with RMSprop or Adam at 1e-3.
    Source: doi:10.37200/IJPR/V24I8/PR280260.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    return ijpr_stack(input_shape, n_classes, kernel=5, pool=8, stride=8, pool_padding="valid")
