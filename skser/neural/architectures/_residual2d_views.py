from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skser.neural.architectures._registry import register
from skser.neural.architectures._residual_stack import lay_out, residual_stack

if TYPE_CHECKING:
    import keras


_N_COEFFICIENTS = 40
N_VIEWS = 4


@register(
    "residual2d-views",
    reference_input=(64, 54, 1),
    parameters=1_029_820,
    source="skser",
    any_length=True,
)
def residual2d_views(input_shape: tuple[Any, ...], n_classes: int) -> keras.Model:
    """Build our default for images: four residual networks, which learn as if alone.

    Each is `residual2d` with every second frame after its first convolution, on a view of its
    own of the image: the rows as they are; the rows, and how far each lies from its mean over the
    clip; the rows without the clip's mean, which is its level; the first 40 coefficients of the
    cosine transform over the rows (of mel bands, a cepstrum), then BN. Predicted is the geometric
    mean of their probabilities, normalised. Each is trained on its own cross-entropy: the loss
    told in training is their mean, that of validation the lower one of what they predict
    together. Compared with others: benchmarks/choose_network.py. With 64 rows, one channel and 6
    classes: 1 029 820 parameters, 1 022 572 of them trainable.

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
    embeddings = embed_views(*MaskPadding()(inputs))
    return keras.Model(inputs, EnsembleDense(n_classes, N_VIEWS)(embeddings))


def embed_views(image: Any, mask: Any) -> Any:
    """Return the embeddings of the four views of an image side by side."""
    from skser.neural.layers import (
        CosineTransform,
        MaskedBatchNormalization,
        WithDeviation,
        WithoutLevel,
    )

    cepstrum = lay_out(CosineTransform(_N_COEFFICIENTS)(image))
    views = [
        lay_out(image),
        lay_out(WithDeviation()(image, mask)),
        lay_out(WithoutLevel()(image, mask)),
        MaskedBatchNormalization()(cepstrum, mask),
    ]
    return residual_stack(views, mask, stride=2)
