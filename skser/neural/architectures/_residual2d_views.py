from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skser.neural.architectures._registry import register
from skser.neural.architectures._residual_stack import lay_out, residual_stack
from skser.neural.architectures._square_stack import square_stack

if TYPE_CHECKING:
    import keras


_N_COEFFICIENTS = 40


@register(
    "residual2d-views",
    reference_input=(64, 54, 1),
    parameters=532_949,
    source="skser",
    any_length=True,
)
def residual2d_views(input_shape: tuple[Any, ...], n_classes: int) -> keras.Model:
    """Build our default for images: three residual networks, which learn independently.

    Each network has its own view of the image: `residual2d` on the rows as they are; `residual2d`
    on the rows without the clip's mean, which is its level; `residual1d`, whose first convolution
    keeps every second frame, on the first 40 coefficients of the cosine transform over the rows
    (of mel bands, a cepstrum), then BN. The prediction is the geometric mean of their
    probabilities, normalised. Each network is trained on its own cross-entropy: the training loss
    is the mean of the three, the validation loss the lower cross-entropy of their joint
    prediction. benchmarks/choose_network.py shows how they were chosen. With 64 rows, one channel
    and 6 classes: 532 949 parameters, 529 733 of them trainable.

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames or None, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras

    from skser.neural.layers import EnsembleDense, MaskPadding

    inputs = keras.Input(input_shape)
    image, mask = MaskPadding()(inputs)
    views = [embed(image, mask) for embed in (square_stack, embed_without_level, embed_cepstrum)]
    x = keras.layers.Concatenate()(views)
    return keras.Model(inputs, EnsembleDense(n_classes, len(views))(x))


def embed_without_level(image: Any, mask: Any) -> Any:
    """Embed the rows without the clip's level."""
    from skser.neural.layers import WithoutLevel

    return square_stack(WithoutLevel()(image, mask), mask)


def embed_cepstrum(image: Any, mask: Any) -> Any:
    """Embed the cosine transform over the rows."""
    from skser.neural.layers import CosineTransform, MaskedBatchNormalization

    coefficients = lay_out(CosineTransform(_N_COEFFICIENTS)(image))
    return residual_stack(MaskedBatchNormalization()(coefficients, mask), mask, halve=True)
