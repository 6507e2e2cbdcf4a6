"""Combination of images of several kinds into the channels of one image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import AudioError
from skser.preprocessing._ragged import is_ragged


def stack_channels(images: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Stack images with equal numbers of rows and frames as channels of one image.

    Parameters
    ----------
    images : mapping of str to ndarray
        Arrays by name, of shape (n_clips, n_rows, n_frames[, n_channels]), or object arrays of
        shape (n_clips,) with an image (n_rows, n_frames[, n_channels]) for each clip.

    Returns
    -------
    stacked : ndarray of shape (n_clips, n_rows, n_frames, n_channels)
        Stacked images; an object array of shape (n_clips,) if one of the arrays is. A single array
        is returned as it is.

    Raises
    ------
    AudioError
        If the images of a clip differ in their numbers of rows or frames.
    """
    arrays = list(images.values())
    if len(arrays) == 1:
        return arrays[0]
    if not any(is_ragged(array) for array in arrays):
        if len({array.shape[:3] for array in arrays}) == 1:
            return np.concatenate([_with_channels(array, 4) for array in arrays], axis=-1)
    stacked = np.empty(len(arrays[0]), dtype=object)
    for index, of_clip in enumerate(zip(*arrays, strict=True)):
        if len({image.shape[:2] for image in of_clip}) > 1:
            shapes = ", ".join(
                f"{name!r} {image.shape}" for name, image in zip(images, of_clip, strict=True)
            )
            raise AudioError(
                f"X[{index}]: images that differ in rows or frames cannot be channels of one "
                f"image ({shapes}). Use the same hop_length and number of rows for all of them."
            )
        stacked[index] = np.concatenate([_with_channels(image, 3) for image in of_clip], axis=-1)
    return stacked


def _with_channels(images: NDArray[Any], ndim: int) -> NDArray[Any]:
    return images if images.ndim == ndim else images[..., np.newaxis]
