from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skser.neural.architectures._registry import register
from skser.neural.architectures._residual_stack import residual_stack

if TYPE_CHECKING:
    import keras


@register(
    "residual1d", reference_input=(54, 64), parameters=251_015, source="skser", any_length=True
)
def residual1d(input_shape: tuple[Any, ...], n_classes: int) -> keras.Model:
    """Build residual blocks over frames, pooled by attention, for sequences of any length.

    C128,5 same (linear) - BN - ReLU - D.1 - 3 x [C128,3 same dilated by 1, 2, 4 (linear) - BN -
    ReLU - C128,1 (linear) - BN - added to the block's input - ReLU - D.1] - attentive mean and
    standard deviation (64 units) - D.2 - FC K; convolutions without bias, dropout of whole
    channels between blocks. Shorter sequences of a batch are padded and masked, so that a
    prediction does not depend on the other sequences. With 64 channels and 6 classes: 251 015
    parameters, 249 223 of them trainable. Blocks and pooling follow time-delay networks for
    speakers (Desplanques et al. 2020, arXiv:2005.07143; Okabe et al. 2018, arXiv:1803.10963).

    Parameters
    ----------
    input_shape : tuple (n_frames or None, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras
    from keras import layers

    from skser.neural.layers import MaskPadding

    inputs = keras.Input(input_shape)
    frames, mask = MaskPadding()(inputs)
    x = residual_stack(frames, mask)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
