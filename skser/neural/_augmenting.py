"""A Keras model that augments its training batches by masking bands and mixing samples."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from skser.neural._regularisation import Regularisation

_N_MASKS = 2
"""Number of masks of each kind per clip, as in the best policies of SpecAugment."""

_WIDEST_SHARE = 0.25
"""Largest share of a clip's frames that one mask may cover."""


class AugmentingModel(keras.Model):
    """Functional model that takes integer labels and augments its training batches.

    Parameters
    ----------
    model : keras.Model
        Model whose layers are shared.
    regularisation : Regularisation
    """

    def __init__(self, model: keras.Model, regularisation: Regularisation) -> None:
        super().__init__(inputs=model.inputs, outputs=model.outputs)
        self.regularisation = regularisation
        self.seeds = keras.random.SeedGenerator()

    def train_step(self, data: Any) -> Any:
        """Augment the batch, and train on it."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        y = ops.one_hot(ops.cast(y, "int32"), self.output_shape[-1])
        if self.regularisation.time_mask or self.regularisation.frequency_mask:
            lengths = ops.sum(ops.cast(ops.logical_not(_is_padding(x)), "int32"), axis=1)
            x = self._masked(x, ops.cast(lengths, "float32"))
        if self.regularisation.mixup:
            x, y, weight = self._mixed(x, y, weight)
        return super().train_step((x, y, weight))

    def test_step(self, data: Any) -> Any:
        """Evaluate on the batch as it is."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        y = ops.one_hot(ops.cast(y, "int32"), self.output_shape[-1])
        return super().test_step((x, y, weight))

    def _masked(self, x: Any, lengths: Any) -> Any:
        bands_axis = 1 if len(x.shape) == 4 else 2
        n_bands = ops.zeros_like(lengths) + x.shape[bands_axis]
        for _ in range(_N_MASKS):
            if widest := self.regularisation.time_mask:
                widest = ops.minimum(float(widest), _WIDEST_SHARE * lengths)
                x = self._without_band(x, len(x.shape) - 2, lengths, widest)
            if widest := self.regularisation.frequency_mask:
                x = self._without_band(x, bands_axis, n_bands, float(widest))
        return x

    def _without_band(self, x: Any, axis: int, n: Any, widest: Any) -> Any:
        """Set a band of random width and position to 0 within the first n positions of a clip."""
        chance = keras.random.uniform((2, ops.shape(x)[0]), seed=self.seeds)
        width = ops.minimum(ops.floor(chance[0] * (widest + 1)), n)
        start = ops.floor(chance[1] * (n - width + 1))
        place = ops.arange(ops.shape(x)[axis], dtype="float32")
        inside = (place >= start[:, None]) & (place < (start + width)[:, None])
        shape = [1] * len(x.shape)
        shape[0], shape[axis] = -1, ops.shape(x)[axis]
        # Padding is NaN, and stays NaN when multiplied by 0.
        return ops.where(ops.reshape(inside, shape), 0.0 * x, x)

    def _mixed(self, x: Any, y: Any, weight: Any) -> tuple[Any, Any, Any]:
        """Mix every clip with another of the batch, and their labels in the same proportion."""
        n = ops.shape(x)[0]
        alpha = self.regularisation.mixup
        share = keras.random.beta((n,), alpha, alpha, seed=self.seeds)
        share = ops.maximum(share, 1 - share)
        others = ops.argsort(keras.random.uniform((n,), seed=self.seeds))
        one, other = (ops.reshape(s, [-1] + [1] * (len(x.shape) - 1)) for s in (share, 1 - share))
        other_x = ops.take(x, others, axis=0)
        # A clip keeps its own length; where the other clip has ended, the mean (0) is mixed in.
        x = one * x + other * ops.where(ops.isnan(other_x), 0.0, other_x)
        if weight is not None:
            y = y * ops.cast(weight, y.dtype)[:, None]
        y = share[:, None] * y + (1 - share)[:, None] * ops.take(y, others, axis=0)
        if weight is not None:
            weight = ops.sum(y, axis=1)
            y = ops.divide_no_nan(y, weight[:, None])
        return x, y, weight


def _is_padding(x: Any) -> Any:
    """Return which frames of (batch, [rows,] frames, channels) are padding."""
    return ops.isnan(x[:, 0, :, 0] if len(x.shape) == 4 else x[:, :, 0])
