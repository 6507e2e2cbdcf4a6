"""Convert the chunks of a stream, samples of any kind, to mono float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio._items import Audio, check_kind
from skser.audio._load import LARGEST, to_float
from skser.exceptions import AudioError

_MOST_CHANNELS = 8
"""Largest number of channels: a longer axis of a chunk counts samples."""


def channel_axis(samples: NDArray[Any], known: int | None) -> int | None:
    """Return which axis of a chunk counts channels.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,), (n_channels, n_samples) or (n_samples, n_channels)
        Chunk. The one of its two axes that is longer than 8 counts samples.
    known : int or None
        Axis of earlier chunks, which is used for a chunk that is too short to decide.

    Returns
    -------
    axis : int or None
        0 or 1; None for a chunk with one axis if no earlier chunk had two.

    Raises
    ------
    AudioError
        If the shape does not decide, and there were no earlier chunks.
    """
    if samples.ndim != 2:
        return known
    rows, columns = (n > _MOST_CHANNELS for n in samples.shape)
    if rows != columns:
        return int(rows)
    if known is None or (rows and columns):
        raise AudioError(
            f"A chunk of shape {samples.shape} does not show which axis counts channels: one must "
            f"be at most {_MOST_CHANNELS} and the other longer. Push more samples at once, or "
            "the mean of the channels."
        )
    return known


def mono(samples: NDArray[Any], axis: int | None, sr: float) -> NDArray[np.float32]:
    """Scale PCM to [-1, 1] and average channels, in the same way as clips are read.

    Parameters
    ----------
    samples : ndarray
        Chunk with at least one sample.
    axis : int or None
        Axis that counts channels.
    sr : float
        Sample rate in Hz, which is validated.

    Returns
    -------
    y : ndarray of shape (n_samples,), dtype=float32
        Samples, NaN where a sample is not finite or too large to be sound.

    Raises
    ------
    AudioError
        If the chunk does not contain samples of sound, or the sample rate is invalid.
    """
    if samples.ndim == 2 and axis == 1:
        samples = samples.T
    # Checked as one channel: a chunk may have fewer samples than channels, a clip may not.
    check_kind(Audio(samples.ravel(), sr))
    y = to_float(np.asarray(samples))
    with np.errstate(invalid="ignore"):
        usable = np.abs(y) <= LARGEST
    if not usable.all():
        y = np.where(usable, y, np.float32(np.nan))
    if y.ndim == 2:
        y = y.mean(axis=0)
    return np.ascontiguousarray(y, dtype=np.float32)
