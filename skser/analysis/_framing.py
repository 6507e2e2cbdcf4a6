"""Frames and what needs no spectrum; and the only Fourier transform of the package."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

_BLOCK_VALUES = 2**20
"""Windowed samples held at once: an hour of sound must not take gigabytes."""


def n_frames(n_samples: int, n_fft: int, hop_length: int) -> int:
    """Return how many centred frames a clip has; a frame of odd length has no middle."""
    return 1 + (n_samples + 2 * (n_fft // 2) - n_fft) // hop_length


def _padded(y: NDArray[np.float32], frame_length: int) -> NDArray[np.float32]:
    return np.pad(y, frame_length // 2)


def _rows(padded: NDArray[Any], frame_length: int, hop_length: int) -> NDArray[Any]:
    return np.lib.stride_tricks.sliding_window_view(padded, frame_length)[::hop_length]


def spectra(
    y: NDArray[np.float32],
    n_fft: int,
    hop_length: int,
    window: NDArray[np.float64] | None = None,
) -> Iterator[tuple[slice, NDArray[np.complex64]]]:
    """Short-time Fourier transform of a zero-padded clip, a block of frames at a time.

    Computed in double precision and rounded, as `librosa.stft` does: single precision would
    drown what is 120 dB below the loudest bin.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    n_fft, hop_length : int
        Length and step of the frames in samples.
    window : ndarray of shape (n_fft,), default=None
        None: a rectangular window.

    Yields
    ------
    frames : slice
        Which frames.
    block : ndarray of shape (n_frames_in_block, 1 + n_fft // 2)
    """
    rows = _rows(_padded(y, n_fft), n_fft, hop_length)
    block = max(1, _BLOCK_VALUES // n_fft)
    for start in range(0, len(rows), block):
        frames = rows[start : start + block].astype(np.float64)
        if window is not None:
            frames *= window
        spectrum = rfft(frames, axis=-1, overwrite_x=True)
        yield slice(start, start + len(frames)), spectrum.astype(np.complex64)


def rms(y: NDArray[np.float32], frame_length: int, hop_length: int) -> NDArray[np.float32]:
    """Root mean square of each frame; shape (n_frames,).

    Squares are summed in blocks that the frames share. Differences of a running sum would be
    quicker, but lose what is soft after what is loud.
    """
    squares = _padded(y, frame_length).astype(np.float64) ** 2
    step = math.gcd(frame_length, hop_length)
    blocks = squares[: len(squares) // step * step].reshape(-1, step).sum(axis=1)
    energy = _rows(blocks, frame_length // step, hop_length // step).sum(axis=1)
    return np.sqrt(energy / frame_length).astype(np.float32)


def zero_crossing_rate(
    y: NDArray[np.float32], frame_length: int, hop_length: int
) -> NDArray[np.float32]:
    """Share of neighbouring samples of a frame that differ in sign; shape (n_frames,).

    Magnitudes up to 1e-10 count as zero, and zero as positive, as in librosa.
    """
    padded = np.pad(y, frame_length // 2, mode="edge")
    negative = padded < -1e-10
    crossings = np.append(negative[1:] != negative[:-1], False)
    passed = np.pad(np.cumsum(crossings), (1, 0))
    first = np.arange(0, len(padded) - frame_length + 1, hop_length)
    # n samples have n - 1 neighbours: what follows a frame's last sample is not in the frame.
    counts = passed[first + frame_length - 1] - passed[first]
    return (counts / frame_length).astype(np.float32)
