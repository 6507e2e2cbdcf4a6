"""Compute embeddings over time from the samples of one clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import SkserError
from skser.pretrained._any_length import HOP, SHAPE
from skser.pretrained._graph import Graph
from skser.pretrained._pieces import (
    Pieces,
    image_pieces,
    long_pieces,
    sample_pieces,
    share,
    whole_images,
)
from skser.pretrained._recipe import Recipe

_BATCH = 16
"""Number of windows per batch for a model that accepts any number."""


def embed(
    y: NDArray[np.float32], model: Graph, front_end: Graph | None, recipe: Recipe
) -> NDArray[np.float32]:
    """Return embeddings of shape (n_coefficients, n_frames).

    Frames that begin in the zero-padding after the end of the clip are left out; the frames of a
    model are assumed to be evenly spaced.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    model, front_end : Graph
        The model, and the front end that computes its input from samples, or None if the model
        takes samples itself.
    recipe : Recipe
        Preparation of the samples.

    Returns
    -------
    embeddings : ndarray of shape (n_coefficients, n_frames), dtype=float32
    """
    if recipe.normalize:
        y = (y - y.mean()) / np.sqrt(y.var() + 1e-7)
    y = y * np.float32(recipe.scale)
    if front_end is None:
        pieces = sample_pieces(y, model, recipe)
    else:
        images = whole_images(y, model, front_end, recipe)
        if model.any_length and recipe.frame_hop == HOP and images.axis == 1:
            return _of_long_images(images, model, recipe)
        pieces = image_pieces(images, model, recipe)
    parts = []
    size = model.batch or _BATCH
    for start in range(0, len(pieces.values), size):
        batch = pieces.values[start : start + size]
        X = batch.reshape(len(batch), *_filled(model, batch))
        parts.append(_over_time(model.run(X, pieces.mask, recipe.output), len(X), model, pieces))
    return np.concatenate(parts).T


def _of_long_images(images: Pieces, model: Graph, recipe: Recipe) -> NDArray[np.float32]:
    """Return the embeddings of windows of 76 frames, which overlap and share computations."""
    parts = []
    for block in long_pieces(images, SHAPE[0], HOP):
        X = block.reshape(1, *_filled(model, block))
        mask = np.ones(block.shape[1], dtype=bool)
        parts.append(model.run(X, mask, recipe.output)[0, :, :, 0])
    return np.concatenate(parts, axis=1)


def _filled(model: Graph, batch: NDArray[np.float32]) -> list[int]:
    """Return the shape of a piece as the model expects it, including axes of length one."""
    lengths = iter(batch.shape[1:])
    return [1 if n == 1 else next(lengths) for n in model.shape]


def _over_time(
    values: NDArray[np.float32], n: int, model: Graph, pieces: Pieces
) -> NDArray[np.float32]:
    """Concatenate the model's output for n pieces over time; shape (n_frames, n_values)."""
    axes = [axis for axis in values.shape[1:] if axis != 1]
    if values.ndim == 0 or values.shape[0] != n or len(axes) > 2:
        raise SkserError(
            f"{model.name} returned an array of shape {values.shape} for {n} pieces, but (batch, "
            "n_values) or (batch, n_frames, n_values) is expected. Set output to another of: "
            f"{', '.join(map(repr, model.outputs))}."
        )
    values = values.reshape(n, *axes)
    if len(axes) == 2:
        values = values[:, : share(axes[0], pieces.n_real, pieces.n_steps)]
    return values.reshape(-1, axes[-1] if axes else 1)
