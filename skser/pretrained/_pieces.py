"""The input of a model for one clip: windows of samples, or of images from a front end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import SkserError
from skser.pretrained._graph import Graph
from skser.pretrained._recipe import Recipe

_LEAST = 1600
"""Minimum number of samples to which a clip is padded: many models return no frame for fewer."""

_BLOCK = 128
"""Maximum number of windows in one long image, so that the memory of a model is bounded."""

_TRIES = 10
"""Maximum number of times a clip is padded for more frames; two suffice if they are proportional
to samples."""


@dataclass(frozen=True)
class Pieces:
    """Pieces of a clip, all of the same length.

    Parameters
    ----------
    values : ndarray of shape (n_pieces, n_samples) or (n_pieces, n_rows, n_columns)
        Samples or images.
    axis : int
        Axis of time.
    n_real : int
        Number of time steps of each piece that belong to the clip; padding follows.
    """

    values: NDArray[np.float32]
    axis: int
    n_real: int

    @property
    def n_steps(self) -> int:
        """Number of time steps of each piece."""
        return self.values.shape[self.axis]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Whether each time step belongs to the clip, shape (n_steps,)."""
        return np.arange(self.n_steps) < self.n_real


def share(n_frames: int, n_real: int, n_steps: int) -> int:
    """Return the number of evenly spaced frames that begin in the first `n_real` steps."""
    return -(-n_frames * n_real // n_steps)


def sample_pieces(y: NDArray[np.float32], model: Graph, recipe: Recipe) -> Pieces:
    """Cut samples into windows."""
    sizes = _lengths(model)
    if len(sizes) != 1:
        raise SkserError(
            f"{model.name} takes images of shape {('batch', *model.shape)}, not samples. Set "
            "front_end to the model that computes them from samples."
        )
    [fixed] = sizes
    window = fixed or recipe.window
    if window is None and recipe.hop is not None:
        raise ValueError(
            f"hop is set, but window is None, and {model.name} takes clips of any length in one "
            "piece. Set window as well, or do not set hop."
        )
    if fixed and recipe.window not in (None, fixed):
        raise ValueError(
            f"window is {recipe.window} samples, but {model.name} takes {fixed} only. Do not set "
            "window."
        )
    padded = _padded(y, fixed or min(_LEAST, window or _LEAST))
    if window is None or len(padded) <= window:
        return Pieces(padded[np.newaxis], 1, len(y))
    return Pieces(_windows(padded, window, recipe.hop or window), 1, window)


def whole_images(y: NDArray[np.float32], model: Graph, front_end: Graph, recipe: Recipe) -> Pieces:
    """Return the images of the front end, at least as long as those that the model takes."""
    wanted = _lengths(model)
    fixed = _samples(front_end)
    if recipe.window is not None or (recipe.hop is not None and fixed is None):
        name = "hop" if recipe.window is None else "window"
        raise ValueError(
            f"{name} is set, but the length of windows of samples is determined by "
            f"{front_end.name}. Do not set {name}; frame_hop is the hop of windows of its image."
        )
    padded = _padded(y, fixed or _LEAST)
    images = _images(padded, len(y), front_end, recipe)
    shape = images.shape[1:]
    if len(wanted) != 2:
        raise SkserError(_mismatch(shape, model, front_end))
    frames = _time_axis(wanted, shape)
    if wanted[1 - frames] not in (None, shape[1 - frames]):
        raise SkserError(_mismatch(shape, model, front_end))
    axis = 1 + frames
    n_real = max(1, share(shape[frames], len(y), len(padded)))
    length = wanted[frames]
    if length is None:
        n_kept = share(shape[frames], max(len(y), _LEAST), len(padded))
        return Pieces(images.take(range(n_kept), axis), axis, n_real)
    if shape[frames] < length:
        images = _longer(padded, len(y), front_end, recipe, axis, length)
    if images.shape[axis] < length:
        raise SkserError(
            f"{front_end.name} returns {images.shape[axis]} frames, however long the clip is, but "
            f"{model.name} takes {length}. Export it for more samples, or for any number."
        )
    return Pieces(images.take(range(max(n_real, length)), axis), axis, n_real)


def image_pieces(images: Pieces, model: Graph, recipe: Recipe) -> Pieces:
    """Cut images into windows, if the model takes a fixed length only."""
    length = _lengths(model)[images.axis - 1]
    if length is None:
        return images
    values = np.moveaxis(images.values, images.axis, 1)
    windows = np.concatenate([_windows(image, length, recipe.frame_hop) for image in values])
    return Pieces(np.moveaxis(windows, 1, images.axis), images.axis, min(images.n_real, length))


def long_pieces(images: Pieces, length: int, hop: int) -> Iterator[NDArray[np.float32]]:
    """Cut images into blocks of overlapping windows, for a model that separates them.

    Parameters
    ----------
    images : Pieces
        Images whose axis 1 is time, of at least `length` frames.
    length, hop : int
        Length of a window, and hop between windows, in frames.

    Yields
    ------
    block : ndarray of shape (1, n_frames, n_bands), dtype=float32
        An image of one or more windows. All of them together are the windows of `image_pieces`, in
        the same order; as there, the last window ends with the image.
    """
    last = images.n_steps - length
    for image in images.values[:, np.newaxis]:
        for start in range(0, last + 1, _BLOCK * hop):
            end = min(start + (_BLOCK - 1) * hop, last - last % hop)
            yield image[:, start : end + length]
        if last % hop:
            yield image[:, last:]


def _lengths(model: Graph) -> list[int | None]:
    """Return the lengths of the axes of the input of a model, without axes of length one."""
    return [n for n in model.shape if n != 1]


def _time_axis(wanted: Sequence[int | None], shape: Sequence[int]) -> int:
    """Return the time axis of an image: of another length than wanted, variable, or the longer."""
    for axis in (0, 1):
        if wanted[axis] not in (None, shape[axis]):
            return axis
    if wanted.count(None) == 1:
        return wanted.index(None)
    return int(np.argmax(shape))


def _longer(
    y: NDArray[np.float32], n_real: int, front_end: Graph, recipe: Recipe, axis: int, length: int
) -> NDArray[np.float32]:
    """Zero-pad a clip until the front end returns `length` frames for it, if possible."""
    images = _images(y, n_real, front_end, recipe)
    for _ in range(_TRIES):
        if images.shape[axis] >= length or _samples(front_end) is not None:
            break
        # Add zeros in proportion to the missing frames, at least one.
        missing = len(y) * (length / max(1, images.shape[axis]) - 1)
        y = _padded(y, len(y) + int(missing) + 1)
        images = _images(y, n_real, front_end, recipe)
    return images


def _images(
    y: NDArray[np.float32], n_real: int, front_end: Graph, recipe: Recipe
) -> NDArray[np.float32]:
    """Return the image of the clip, or of every window if the front end takes a fixed length only.

    The shape is (n_windows, n_rows, n_columns).
    """
    fixed = _samples(front_end)
    pieces = y[np.newaxis] if fixed is None else _windows(y, fixed, recipe.hop or fixed)
    mask = np.arange(pieces.shape[1]) < n_real
    factor, offset = recipe.image_scale
    images = []
    for piece in pieces:
        samples = piece.reshape(1, *(1 if n == 1 else -1 for n in front_end.shape))
        image = front_end.run(samples, mask)
        if image.ndim < 2 or image.size != image.shape[-2] * image.shape[-1]:
            raise SkserError(
                f"{front_end.name} returned an array of shape {image.shape}, but a front end must "
                "return one image (..., n_rows, n_columns) per clip. Use another front end."
            )
        images.append(image.reshape(image.shape[-2:]))
    return np.stack(images) * np.float32(factor) + np.float32(offset)


def _samples(front_end: Graph) -> int | None:
    """Return the number of samples that a front end takes, or None for any number."""
    sizes = _lengths(front_end)
    if len(sizes) != 1:
        raise SkserError(
            f"{front_end.name} takes arrays of shape {('batch', *front_end.shape)}, but a front "
            "end takes samples: (batch, samples). Set front_end to the model that computes images "
            "from samples."
        )
    return sizes[0]


def _padded(y: NDArray[np.float32], least: int) -> NDArray[np.float32]:
    return np.pad(y, (0, max(0, least - len(y))))


def _windows(values: NDArray[np.float32], length: int, hop: int) -> NDArray[np.float32]:
    """Cut values into windows along the first axis; the last window ends with the values."""
    return np.stack([values[start : start + length] for start in _starts(len(values), length, hop)])


def _starts(n: int, length: int, hop: int) -> Iterator[int]:
    last = n - length
    yield from range(0, last + 1, hop)
    if last % hop:
        yield last


def _mismatch(shape: tuple[int, ...], model: Graph, front_end: Graph) -> str:
    return (
        f"{front_end.name} returns an image of shape {shape}, but {model.name} takes "
        f"{('batch', *model.shape)}. Use the front end that belongs to the model."
    )
