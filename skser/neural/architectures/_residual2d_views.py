from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skser.neural.architectures._registry import register
from skser.neural.architectures._residual_stack import lay_out, residual_stack

if TYPE_CHECKING:
    import keras


_N_COEFFICIENTS = 40


@register(
    "residual2d-views",
    reference_input=(64, 54, 1),
    parameters=778_805,
    source="skser",
    any_length=True,
)
def residual2d_views(input_shape: tuple[Any, ...], n_classes: int) -> keras.Model:
    """Build three residual networks over frames, which learn apart and are averaged.

    Each is `residual2d` on a view of its own of the image: the rows as they are; the rows, and
    how far each lies from its mean over the clip; the first 40 coefficients of the cosine
    transform over the rows (the cepstrum, of mel bands in dB), then BN. In training each clip of
    a batch is dealt to one of the three, so that an epoch costs what one would cost; each sees a
    third of the clips in an epoch, so take three times the epochs, and the batch, of a single
    network. Predicted is the mean of their probabilities. With 64 rows, one channel and 6
    classes: 778 805 parameters, 773 349 of them trainable.

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

    from skser.neural.layers import (
        CosineTransform,
        EnsembleDense,
        MaskedBatchNormalization,
        MaskPadding,
        SplitBatch,
        WithDeviation,
    )

    inputs = keras.Input(input_shape)
    x, mask = MaskPadding()(inputs)
    rows, rows_too, rows_again = SplitBatch(3)(x)
    masks = SplitBatch(3)(mask)
    cepstrum = lay_out(CosineTransform(_N_COEFFICIENTS)(rows_again))
    views = [
        lay_out(rows),
        lay_out(WithDeviation()(rows_too, masks[1])),
        MaskedBatchNormalization()(cepstrum, masks[2]),
    ]
    embeddings = [residual_stack(*view) for view in zip(views, masks, strict=True)]
    x = EnsembleDense(n_classes, len(views))(layers.Concatenate()(embeddings), mask)
    return keras.Model(inputs, x)
