"""From the samples of one clip to embeddings over time: windows, a front end, batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import SkserError
from skser.pretrained._graph import Graph

_LEAST = 1600
"""Samples that a clip is padded to: fewer give no frame in many models."""

_BATCH = 16
"""Windows that a model gets at a time if it takes any number."""

_TRIES = 10
"""Times that a clip is padded for more frames; two suffice if frames go with samples."""


@dataclass(frozen=True)
class Recipe:
    """How samples are prepared and cut for a model.

    Parameters
    ----------
    window, hop : int or None
        Samples of a window, and from one window to the next; None: the clip in one piece.
    frame_hop : int
        Frames of a front end's image from one window to the next.
    normalize : bool
        Whether samples are brought to zero mean and unit variance.
    scale : float
        Factor of the samples.
    image_scale : tuple (factor, offset)
        What is done to a front end's image.
    output : str or None
        Output of the model.
    """

    window: int | None
    hop: int | None
    frame_hop: int
    normalize: bool
    scale: float
    image_scale: tuple[float, float]
    output: str | None


def embed(
    y: NDArray[np.float32], model: Graph, front_end: Graph | None, recipe: Recipe
) -> NDArray[np.float32]:
    """Return embeddings of shape (n_coefficients, n_frames).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    model, front_end : Graph
        The model, and what makes its input of samples, if it does not take samples itself.
    recipe : Recipe

    Returns
    -------
    embeddings : ndarray of shape (n_coefficients, n_frames), dtype=float32
    """
    if recipe.normalize:
        y = (y - y.mean()) / np.sqrt(y.var() + 1e-7)
    y = np.pad(y * np.float32(recipe.scale), (0, max(0, _LEAST - len(y))))
    if front_end is None:
        pieces = _pieces(y, model, recipe)
    else:
        pieces = _image_pieces(y, model, front_end, recipe)
    parts = []
    size = model.batch or _BATCH
    for start in range(0, len(pieces), size):
        batch = pieces[start : start + size]
        values = model.run(batch.reshape(len(batch), *_filled(model, batch)), recipe.output)
        parts.append(_over_time(values, len(batch), model))
    return np.concatenate(parts).T


def _pieces(y: NDArray[np.float32], model: Graph, recipe: Recipe) -> NDArray[np.float32]:
    """Cut samples into windows, shape (n_windows, n_samples)."""
    sizes = [n for n in model.shape if n != 1]
    if len(sizes) != 1:
        raise SkserError(
            f"{model.name} takes images of shape {('batch', *model.shape)}, not samples. Name the "
            "model that makes them of samples: front_end=..."
        )
    [fixed] = sizes
    window = fixed or recipe.window
    if window is None:
        return y[np.newaxis]
    return _windows(y, window, recipe.hop or window)


def _image_pieces(
    y: NDArray[np.float32], model: Graph, front_end: Graph, recipe: Recipe
) -> NDArray[np.float32]:
    """Cut the images that the front end makes into windows, shape (n_windows, ...)."""
    wanted = [n for n in model.shape if n != 1]
    images = _images(y, front_end, recipe)
    shape = images.shape[1:]
    if len(wanted) != 2:
        raise SkserError(_mismatch(shape, model, front_end))
    frames = next((a for a in (0, 1) if wanted[a] not in (None, shape[a])), None)
    if frames is None:
        return images
    bands = 1 - frames
    if wanted[bands] not in (None, shape[bands]):
        raise SkserError(_mismatch(shape, model, front_end))
    length = wanted[frames]
    assert length is not None
    images = _long_enough(images, 1 + frames, length, y, front_end, recipe)
    if images.shape[1 + frames] < length:
        raise SkserError(
            f"{front_end.name} makes {images.shape[1 + frames]} frames, however long the clip is, "
            f"but {model.name} takes {length}. Export it for more samples, or for any number."
        )
    parts = [_windows(np.moveaxis(image, frames, 0), length, recipe.frame_hop) for image in images]
    return np.moveaxis(np.concatenate(parts), 1, 1 + frames)


def _long_enough(
    images: NDArray[np.float32],
    axis: int,
    length: int,
    y: NDArray[np.float32],
    front_end: Graph,
    recipe: Recipe,
) -> NDArray[np.float32]:
    """Pad a clip with zeros until the front end makes `length` frames of it, if it ever does."""
    for _ in range(_TRIES):
        if images.shape[axis] >= length or _samples(front_end) is not None:
            break
        # As many zeros as frames are missing, and at least one.
        missing = len(y) * (length / max(1, images.shape[axis]) - 1)
        y = np.pad(y, (0, int(missing) + 1))
        images = _images(y, front_end, recipe)
    return images


def _images(y: NDArray[np.float32], front_end: Graph, recipe: Recipe) -> NDArray[np.float32]:
    """Return the image of the clip, or of every window if the front end takes one length only.

    The shape is (n_windows, n_rows, n_columns).
    """
    fixed = _samples(front_end)
    pieces = y[np.newaxis] if fixed is None else _windows(y, fixed, recipe.hop or fixed)
    factor, offset = recipe.image_scale
    images = []
    for piece in pieces:
        samples = piece.reshape(1, *(1 if n == 1 else -1 for n in front_end.shape))
        image = front_end.run(samples)
        if image.ndim < 2 or image.size != image.shape[-2] * image.shape[-1]:
            raise SkserError(
                f"{front_end.name} returned an array of shape {image.shape}, but a front end makes "
                "one image (..., n_rows, n_columns) of a clip."
            )
        images.append(image.reshape(image.shape[-2:]))
    return np.stack(images) * np.float32(factor) + np.float32(offset)


def _samples(front_end: Graph) -> int | None:
    """Return how many samples a front end takes; None: any number."""
    sizes = [n for n in front_end.shape if n != 1]
    if len(sizes) != 1:
        raise SkserError(
            f"{front_end.name} takes arrays of shape {('batch', *front_end.shape)}, but a front "
            "end takes samples: (batch, samples). Name the model that makes images of samples."
        )
    return sizes[0]


def _windows(values: NDArray[np.float32], length: int, hop: int) -> NDArray[np.float32]:
    """Cut along the first axis; the last window ends where the values do.

    What is shorter than one window is padded with zeros.
    """
    if len(values) < length:
        padding = [(0, length - len(values))] + [(0, 0)] * (values.ndim - 1)
        return np.pad(values, padding)[np.newaxis]
    return np.stack([values[start : start + length] for start in _starts(len(values), length, hop)])


def _starts(n: int, length: int, hop: int) -> Iterator[int]:
    last = n - length
    yield from range(0, last + 1, hop)
    if last % hop:
        yield last


def _filled(model: Graph, batch: NDArray[np.float32]) -> list[int]:
    """Return the shape of a piece as the model has it, with its axes of length one."""
    lengths = iter(batch.shape[1:])
    return [1 if n == 1 else next(lengths) for n in model.shape]


def _over_time(values: NDArray[np.float32], n: int, model: Graph) -> NDArray[np.float32]:
    """Put what the model returns for n pieces one after the other, shape (n_frames, n_values)."""
    axes = [axis for axis in values.shape[1:] if axis != 1]
    if values.ndim == 0 or values.shape[0] != n or len(axes) > 2:
        raise SkserError(
            f"{model.name} returned an array of shape {values.shape} for {n} pieces, but (batch, "
            "n_values) or (batch, n_frames, n_values) is expected. Choose another of its outputs: "
            f"{', '.join(map(repr, model.outputs))}."
        )
    return values.reshape(-1, axes[-1] if axes else 1)


def _mismatch(shape: tuple[int, ...], model: Graph, front_end: Graph) -> str:
    return (
        f"{front_end.name} makes an image of shape {shape}, but {model.name} takes "
        f"{('batch', *model.shape)}. Use the front end that belongs to the model."
    )
