"""Layers for several networks in one, each with its own view of the input."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops
from scipy.fft import dct

from skser.neural.layers._masked import register

_LEAST = 1e-35
"""Lower bound for probabilities; float32 goes down to 1e-38."""


@register
class EnsembleDense(layers.Layer):
    """Last layers of several networks in one, which predict together but learn independently.

    The input holds the concatenated embeddings of the members (batch, n_members * n_units). The
    output holds probabilities (batch, units): the geometric mean of the members' probabilities,
    normalised. In training it is not normalised, so its sum is below 1 by how far the members
    disagree. The `pooled_crossentropy` of this output is the mean of the members' own
    cross-entropies (Heskes 1998, Selecting weighting factors in logarithmic opinion pools), so
    that each member learns as if alone; the cross-entropy of the normalised mean would train
    them as one large network. The classifiers of skser use that loss if this layer is the last
    of a network.

    Parameters
    ----------
    units : int
        Number of classes.
    n_members : int
        Number of networks.
    """

    def __init__(self, units: int, n_members: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.n_members = n_members
        self.heads = [layers.Dense(units) for _ in range(n_members)]

    def build(self, inputs_shape: Any) -> None:
        """Create the weights."""
        for head in self.heads:
            head.build((None, inputs_shape[-1] // self.n_members))

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return class probabilities."""
        parts = ops.split(inputs, self.n_members, axis=-1)
        each = [ops.log_softmax(head(part)) for head, part in zip(self.heads, parts, strict=True)]
        pooled = ops.mean(ops.stack(each), axis=0)
        return ops.exp(pooled) if training else ops.softmax(pooled)

    def compute_output_shape(self, inputs_shape: Any) -> Any:
        """Return (batch, units)."""
        return (inputs_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "units": self.units, "n_members": self.n_members}


@register
def pooled_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """Cross-entropy of probabilities that need not sum to 1, such as those of `EnsembleDense`.

    Keras' own cross-entropy would first divide them by their sum.

    Parameters
    ----------
    y_true : tensor (batch,), (batch, 1) or (batch, n_classes)
        Class indices, or proportions of the classes.
    y_pred : tensor (batch, n_classes)

    Returns
    -------
    loss : tensor (batch,)
    """
    n_classes = y_pred.shape[-1]
    if len(y_true.shape) < 2 or y_true.shape[-1] != n_classes:
        y_true = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), n_classes)
    log_probability = ops.log(ops.maximum(y_pred, _LEAST))
    return -ops.sum(ops.cast(y_true, y_pred.dtype) * log_probability, axis=-1)


@register
class WithoutLevel(layers.Layer):
    """Subtract each channel's mean over the clip's own frames and all rows.

    In an image in dB, this mean is the level of the clip. The inputs are an image (batch, rows,
    frames, channels) and a mask (batch, frames); the output has the shape of the image.
    """

    def call(self, inputs: Any, mask: Any) -> Any:
        """Return the image without its level."""
        own = mask[:, None, :, None]
        n_values = ops.maximum(ops.sum(own, axis=2, keepdims=True), 1.0) * inputs.shape[1]
        mean = ops.sum(inputs * own, axis=(1, 2), keepdims=True) / n_values
        return (inputs - mean) * own


@register
class CosineTransform(layers.Layer):
    """Orthonormal discrete cosine transform (type 2) over rows: mel bands in dB to cepstrum.

    The input has shape (batch, rows, frames, channels); the output has at most `n_coefficients`
    rows.

    Parameters
    ----------
    n_coefficients : int
        Maximal number of coefficients.
    """

    def __init__(self, n_coefficients: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_coefficients = n_coefficients

    def call(self, inputs: Any) -> Any:
        """Return the first coefficients."""
        basis = dct(np.eye(inputs.shape[1]), norm="ortho", axis=0)[: self.n_coefficients]
        return ops.einsum("brfc,kr->bkfc", inputs, basis.astype(np.float32))

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "n_coefficients": self.n_coefficients}
