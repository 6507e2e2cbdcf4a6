from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skser.neural.architectures._registry import register
from skser.neural.architectures._square_stack import square_stack

if TYPE_CHECKING:
    import keras


@register(
    "residual2d", reference_input=(64, 54, 1), parameters=148_567, source="skser", any_length=True
)
def residual2d(input_shape: tuple[Any, ...], n_classes: int) -> keras.Model:
    """Build residual blocks of 3 x 3 convolutions, pooled by attention, for images of any length.

    C16,3x3 same (linear) - BN - ReLU - P2 - 2 x [C,3x3 (linear) - BN - ReLU - P2 - C,3x3 (linear)
    - BN - added to the block's input through P2 - C,1x1 (linear) - ReLU] of 32 and 64 filters -
    the rows of a frame to 128 values by one layer for all frames - BN - ReLU - attentive mean and
    standard deviation (64 units) - D.2 - FC K; convolutions without bias, pools "same". Shorter
    images of a batch are padded and masked, so that a prediction does not depend on the other
    images. With 64 rows, one channel and 6 classes: 148 567 parameters, 147 895 of them trainable.
    Blocks follow He et al. 2016 (arXiv:1512.03385), pooling follows Okabe et al. 2018
    (arXiv:1803.10963).

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames or None, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras
    from keras import layers

    from skser.neural.layers import MaskPadding

    inputs = keras.Input(input_shape)
    x = square_stack(*MaskPadding()(inputs))
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
