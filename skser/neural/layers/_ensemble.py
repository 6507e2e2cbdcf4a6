"""Layers for several networks in one, each of which learns from batches of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops
from scipy.fft import dct

from skser.neural.layers._masked import register


@register
class SplitBatch(layers.Layer):
    """Deal the clips of a training batch out to members; give all of them to each otherwise.

    Input (batch, ...); output a list of `n_members` such tensors. In training, member k gets
    clips k, k + n_members, ...; where the batch does not come out even, some begin again at the
    first clip, so that all parts are of one size.

    Parameters
    ----------
    n_members : int
    """

    def __init__(self, n_members: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_members = n_members

    def call(self, inputs: Any, training: bool | None = None) -> list[Any]:
        """Return the part of each member."""
        if not training:
            return [inputs] * self.n_members
        n = ops.shape(inputs)[0]
        size = (n + self.n_members - 1) // self.n_members
        first = ops.arange(size) * self.n_members
        return [ops.take(inputs, (first + k) % n, axis=0) for k in range(self.n_members)]

    def compute_output_shape(self, input_shape: Any) -> list[Any]:
        """Return the shape of each part."""
        return [(None, *input_shape[1:])] * self.n_members

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {**super().get_config(), "n_members": self.n_members}


@register
class EnsembleDense(layers.Layer):
    """A last layer for each member; what they say is averaged, but each learns alone.

    Input: the members' embeddings side by side (rows, n_members * n_units), and any tensor that
    came into `SplitBatch`, for the number of clips. Output: probabilities (batch, units). In
    training those of a clip are of the member that the clip was dealt to, hence its loss is that
    member's; otherwise they are the mean over members.

    Parameters
    ----------
    units : int
        Number of classes.
    n_members : int
    """

    def __init__(self, units: int, n_members: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.n_members = n_members
        self.heads = [layers.Dense(units) for _ in range(n_members)]

    def build(self, embeddings_shape: Any, dealt_shape: Any = None) -> None:
        """Make the weights."""
        for head in self.heads:
            head.build((None, embeddings_shape[-1] // self.n_members))

    def call(self, embeddings: Any, dealt: Any, training: bool | None = None) -> Any:
        """Return class probabilities."""
        parts = ops.split(embeddings, self.n_members, axis=-1)
        each = [head(part) for head, part in zip(self.heads, parts, strict=True)]
        probabilities = ops.softmax(ops.stack(each, axis=1))
        if not training:
            return ops.mean(probabilities, axis=1)
        return ops.reshape(probabilities, (-1, self.units))[: ops.shape(dealt)[0]]

    def compute_output_shape(self, embeddings_shape: Any, dealt_shape: Any = None) -> Any:
        """Return (batch, units)."""
        return (None, self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {**super().get_config(), "units": self.units, "n_members": self.n_members}


@register
class WithDeviation(layers.Layer):
    """Add rows: how far each row lies from its mean over the clip's own frames.

    Input (batch, rows, frames, channels) and mask (batch, frames); output with twice the rows.
    """

    def call(self, inputs: Any, mask: Any) -> Any:
        """Return rows and deviations."""
        own = mask[:, None, :, None]
        n_frames = ops.maximum(ops.sum(own, axis=2, keepdims=True), 1.0)
        mean = ops.sum(inputs * own, axis=2, keepdims=True) / n_frames
        return ops.concatenate([inputs, (inputs - mean) * own], axis=1)


@register
class CosineTransform(layers.Layer):
    """Orthonormal discrete cosine transform (type 2) over rows: mel bands in dB to cepstrum.

    Input (batch, rows, frames, channels); output with `n_coefficients` rows at most.

    Parameters
    ----------
    n_coefficients : int
    """

    def __init__(self, n_coefficients: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_coefficients = n_coefficients

    def call(self, inputs: Any) -> Any:
        """Return the first coefficients."""
        basis = dct(np.eye(inputs.shape[1]), norm="ortho", axis=0)[: self.n_coefficients]
        return ops.einsum("brfc,kr->bkfc", inputs, basis.astype(np.float32))

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {**super().get_config(), "n_coefficients": self.n_coefficients}
