"""Layers for clips of any length, which are padded within a batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

register = keras.saving.register_keras_serializable("skser")


def _along_frames(mask: Any, ndim: int) -> Any:
    """Reshape a mask (batch, frames) so that it broadcasts to (batch, [rows,] frames, channels)."""
    return mask[..., None] if ndim == 3 else mask[:, None, :, None]


@register
class MaskPadding(layers.Layer):
    """Split clips that are padded with NaN into values, with 0 as padding, and a mask.

    The input has shape (batch, [rows,] frames, channels). The outputs are an array of the same
    shape and a mask (batch, frames), which is 1 for the clip's own frames and 0 for padding.
    """

    def call(self, inputs: Any) -> tuple[Any, Any]:
        """Return values and mask."""
        padded = ops.isnan(inputs)
        first = padded[:, 0, :, 0] if len(inputs.shape) == 4 else padded[:, :, 0]
        return ops.where(padded, 0.0, inputs), 1.0 - ops.cast(first, self.compute_dtype)


@register
class MaskedBatchNormalization(layers.BatchNormalization):
    """Batch normalisation that ignores padding in its statistics and keeps padding at 0.

    Parameters
    ----------
    momentum : float, default=0.9
        Momentum of the moving statistics that predictions use. With Keras' default of 0.99 they
        lag behind by hundreds of steps, which is more than a short training run has.
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(momentum=momentum, **kwargs)

    def call(self, inputs: Any, mask: Any, training: bool | None = None) -> Any:
        """Normalise inputs (batch, [rows,] frames, channels) under mask (batch, frames)."""
        own = _along_frames(mask, len(inputs.shape))
        counted = ops.broadcast_to(own[..., 0] > 0, ops.shape(inputs)[:-1])
        return super().call(inputs, training=training, mask=counted) * own


@register
class HalveMask(layers.Layer):
    """Halve the mask (batch, frames) as a "same"-padded pool of 2 halves the frames.

    This also holds for a convolution with a stride of 2 whose input was padded equally on both
    sides beforehand. With Keras' "same" padding, its first position depends on whether the
    longest clip of a batch has an odd or an even number of frames.
    """

    def call(self, mask: Any) -> Any:
        """Keep every second frame of the mask."""
        return mask[:, ::2]


@register
class AttentiveStatisticsPooling(layers.Layer):
    """Mean and standard deviation over frames, weighted by attention (Okabe et al. 2018).

    The inputs are sequences (batch, frames, channels) and a mask (batch, frames); the output has
    shape (batch, 2 * channels).

    Parameters
    ----------
    units : int
        Width of the layer that scores the frames.
    """

    def __init__(self, units: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.hidden = layers.Dense(units, activation="tanh")
        self.score = layers.Dense(1)

    def build(self, inputs_shape: Any, mask_shape: Any = None) -> None:
        """Create the weights."""
        self.hidden.build(inputs_shape)
        self.score.build((*inputs_shape[:-1], self.units))

    def call(self, inputs: Any, mask: Any) -> Any:
        """Pool the frames that are not padding."""
        score = ops.squeeze(self.score(self.hidden(inputs)), -1)
        score = ops.where(mask > 0, score, -1e9)
        # Keras' softmax warns about clips of one frame.
        weight = ops.exp(score - ops.logsumexp(score, axis=1, keepdims=True))[..., None]
        mean = ops.sum(weight * inputs, axis=1)
        variance = ops.sum(weight * ops.square(inputs - mean[:, None]), axis=1)
        return ops.concatenate([mean, ops.sqrt(variance + 1e-5)], axis=-1)

    def compute_output_shape(self, inputs_shape: Any, mask_shape: Any = None) -> Any:
        """Return (batch, 2 * channels)."""
        return (inputs_shape[0], 2 * inputs_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "units": self.units}
