"""Layers for several networks in one, each with a view of its own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from scipy.fft import dct

from skser.neural.layers._masked import register


@register
class PerMember(layers.Layer):
    """Give each of several networks in one its share of the channels, and a layer of its own.

    Input (batch, frames, n_members * n_channels), the members' channels side by side, and what
    else the layers take, the same for each; output likewise side by side. (Keras' `groups` does
    so too, but takes thirteen times as long on a processor.)

    Parameters
    ----------
    members : list of keras.layers.Layer
        Of one kind and size.
    """

    def __init__(self, members: list[layers.Layer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members = members

    def build(self, inputs_shape: Any, *others_shape: Any) -> None:
        """Make the weights."""
        share = (*inputs_shape[:-1], inputs_shape[-1] // len(self.members))
        for member in self.members:
            member.build(share, *others_shape)

    def call(self, inputs: Any, *others: Any) -> Any:
        """Return what the members make of their shares."""
        shares = ops.split(inputs, len(self.members), axis=-1)
        each = [member(share, *others) for member, share in zip(self.members, shares, strict=True)]
        return ops.concatenate(each, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        members = [keras.saving.serialize_keras_object(member) for member in self.members]
        return {**super().get_config(), "members": members}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> PerMember:
        """Make an equal layer."""
        members = [keras.saving.deserialize_keras_object(member) for member in config["members"]]
        return cls(**{**config, "members": members})


@register
class EnsembleDense(layers.Layer):
    """Last layers of several networks in one, which agree on an answer but learn as if alone.

    Input: the members' embeddings side by side (batch, n_members * n_units). Output:
    probabilities (batch, units), the geometric mean of the members', normalised. Its
    cross-entropy differs from the mean of the members' own by a term that knows no label, how far
    they disagree (Heskes 1998, Selecting weighting factors in logarithmic opinion pools). The
    layer adds that term to the loss, hence what is minimised is the mean of the members' own. Were
    it not for it, they would learn as one large network, and averaging would gain little.

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

    def build(self, inputs_shape: Any) -> None:
        """Make the weights."""
        for head in self.heads:
            head.build((None, inputs_shape[-1] // self.n_members))

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return class probabilities."""
        parts = ops.split(inputs, self.n_members, axis=-1)
        each = [ops.log_softmax(head(part)) for head, part in zip(self.heads, parts, strict=True)]
        pooled = ops.mean(ops.stack(each), axis=0)
        if training:
            self.add_loss(-ops.mean(ops.logsumexp(pooled, axis=-1)))
        return ops.softmax(pooled)

    def compute_output_shape(self, inputs_shape: Any) -> Any:
        """Return (batch, units)."""
        return (inputs_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {**super().get_config(), "units": self.units, "n_members": self.n_members}


@register
class WithoutLevel(layers.Layer):
    """Subtract the clip's mean over its own frames and all rows: its level, of images in dB.

    Input (batch, rows, frames, channels) and mask (batch, frames); output like the input.
    """

    def call(self, inputs: Any, mask: Any) -> Any:
        """Return what is left without the level."""
        own = mask[:, None, :, None]
        n_values = ops.maximum(ops.sum(own, axis=(1, 2, 3), keepdims=True), 1.0) * inputs.shape[1]
        mean = ops.sum(inputs * own, axis=(1, 2, 3), keepdims=True) / n_values
        return (inputs - mean) * own


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
