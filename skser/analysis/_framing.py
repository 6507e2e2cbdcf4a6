"""Frames, measures that need no spectrum, and the only Fourier transform of the package."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike, NDArray
from scipy.fft import irfft, rfft

from skser.audio._load import fix_length

F = TypeVar("F", bound=np.floating)

_BLOCK_BYTES = 2**18
"""Size of the windowed frames that are held at once, so that they stay in a core's cache."""


def n_frames(n_samples: int, n_fft: int, hop_length: int) -> int:
    """Return the number of centred frames of a clip; a frame of odd length has no middle."""
    return 1 + (n_samples + 2 * (n_fft // 2) - n_fft) // hop_length


def _rows(padded: NDArray[Any], frame_length: int, hop_length: int) -> NDArray[Any]:
    """Return a view of all whole frames; `as_strided` would take ten times as long."""
    padded = np.ascontiguousarray(padded)
    shape = (1 + (len(padded) - frame_length) // hop_length, frame_length)
    step = padded.itemsize
    rows: NDArray[Any] = np.ndarray(shape, padded.dtype, padded, 0, (hop_length * step, step))
    rows.flags.writeable = False
    return rows


def windows(x: NDArray[Any], length: int) -> NDArray[Any]:
    """Return a view of all windows along the last axis; shape (..., n_windows, length).

    `sliding_window_view` does the same, but takes several times as long.
    """
    *others, last = x.shape
    shape, strides = (*others, last - length + 1, length), (*x.strides, x.strides[-1])
    return as_strided(x, shape, strides, writeable=False)


def excerpt(
    y: NDArray[np.float32], start: int, length: int, offset: float = 0.0
) -> NDArray[np.float32]:
    """Return `length` samples from `start` on, minus an offset; zeros where the clip has none."""
    stop = start + length
    if start >= 0 and stop <= len(y):
        return y[start:stop] - np.float32(offset) if offset else y[start:stop]
    out = np.zeros(length, dtype=np.float32)
    inside = y[max(start, 0) : max(stop, 0)]
    first = max(-start, 0)
    out[first : first + len(inside)] = inside - np.float32(offset) if offset else inside
    return out


def _frames_a_block(frame_length: int, dtype: DTypeLike) -> int:
    return max(1, _BLOCK_BYTES // (frame_length * np.dtype(dtype).itemsize))


def frames(
    y: NDArray[np.float32],
    frame_length: int,
    hop_length: int,
    offset: float = 0.0,
    dtype: DTypeLike = np.float32,
) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Cut a zero-padded clip into centred frames, one block at a time.

    The whole clip is never copied, because it may last an hour.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    frame_length, hop_length : int
        Length of the frames and hop between them, in samples.
    offset : float, default=0.0
        Value that is subtracted from every sample of the clip.
    dtype : dtype, default=np.float32
        Precision of the frames.

    Yields
    ------
    which : slice
        Frames of the block.
    block : ndarray of shape (n_frames_in_block, frame_length)
        View of their samples.
    """
    count = n_frames(len(y), frame_length, hop_length)
    step = _frames_a_block(frame_length, dtype)
    for start in range(0, count, step):
        stop = min(start + step, count)
        first = start * hop_length - frame_length // 2
        length = (stop - start - 1) * hop_length + frame_length
        # Convert samples before they are cut into frames: overlapping frames share them.
        samples = excerpt(y, first, length, offset).astype(dtype, copy=False)
        yield slice(start, stop), _rows(samples, frame_length, hop_length)


def spectra(
    y: NDArray[np.float32],
    n_fft: int,
    hop_length: int,
    window: NDArray[np.float64] | NDArray[np.float32],
    offset: float = 0.0,
) -> Iterator[tuple[slice, NDArray[np.complex64]]]:
    """Compute the short-time Fourier transform of a zero-padded clip, one block at a time.

    It is computed in double precision and rounded, as `librosa.stft` does: single precision would
    lose what is 120 dB below the loudest bin. If that does not matter, pass a window in single
    precision: the transform is then computed in single precision, in less than half the time.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    n_fft, hop_length : int
        Length of the frames and hop between them, in samples.
    window : ndarray of shape (n_fft,)
        Window.
    offset : float, default=0.0
        Value that is subtracted from every sample of the clip.

    Yields
    ------
    which : slice
        Frames of the block.
    block : ndarray of shape (n_frames_in_block, 1 + n_fft // 2)
        Their spectra.
    """
    # All blocks share memory, which thus stays in the cache.
    n_held = _frames_a_block(n_fft, window.dtype)
    windowed = np.empty((n_held, n_fft), dtype=window.dtype)
    spectrum = np.empty((n_held, 1 + n_fft // 2), dtype=np.complex128)
    for which, block in frames(y, n_fft, hop_length, offset, dtype=window.dtype):
        n = len(block)
        np.multiply(block, window, out=windowed[:n])
        if window.dtype == np.float64:
            np.fft.rfft(windowed[:n], out=spectrum[:n])
            yield which, spectrum[:n].astype(np.complex64)
        else:
            # NumPy would take twice as long in single precision.
            yield which, rfft(windowed[:n])


def overlap_add(
    spectrum: NDArray[np.complexfloating],
    hop_length: int,
    window: NDArray[np.float64],
    n_samples: int,
) -> NDArray[np.float64]:
    """Invert `spectra`: add up the frames and divide by the sum of the squared windows.

    Parameters
    ----------
    spectrum : ndarray of shape (n_frames, 1 + n_fft // 2)
        Spectra of the frames.
    hop_length : int
        Hop between frames in samples; `n_fft` must be a multiple of it.
    window : ndarray of shape (n_fft,)
        Window.
    n_samples : int
        Length of the clip.

    Returns
    -------
    y : ndarray of shape (n_samples,)
        Samples; zero where all frames are zero.
    """
    n_overlapping = len(window) // hop_length
    parts = (irfft(spectrum, axis=-1) * window).reshape(-1, n_overlapping, hop_length)
    weights = (window**2).reshape(n_overlapping, hop_length)
    y = np.zeros((len(parts) + n_overlapping - 1, hop_length))
    total = np.zeros_like(y)
    for k in range(n_overlapping):
        y[k : k + len(parts)] += parts[:, k]
        total[k : k + len(parts)] += weights[k]
    covered = total > np.finfo(np.float32).tiny
    np.divide(y, total, out=y, where=covered)
    return fix_length(y.ravel()[len(window) // 2 :], n_samples)


def rms(y: NDArray[np.float32], frame_length: int, hop_length: int) -> NDArray[np.float32]:
    """Compute the root mean square of each frame; shape (n_frames,).

    Differences of a running sum would be faster, but would lose soft sounds that follow loud ones.
    """
    half = frame_length // 2
    padded = np.zeros(len(y) + 2 * half)
    padded[half : half + len(y)] = y
    blocks = _blocks(padded, frame_length, hop_length)
    energy = _sums(np.vecdot(blocks, blocks), blocks.shape[1], frame_length, hop_length)
    return np.sqrt(energy / frame_length).astype(np.float32)


def zero_crossing_rate(
    y: NDArray[np.float32], frame_length: int, hop_length: int
) -> NDArray[np.float32]:
    """Compute the share of neighbouring samples that differ in sign; shape (n_frames,).

    Magnitudes up to 1e-10 count as zero, and zero as positive, as in librosa.
    """
    negative = y < -1e-10
    half = frame_length // 2
    # Single precision counts exactly up to 2**24, and a product with ones is the fastest sum.
    crossings = np.zeros(len(y) + 2 * half, dtype=np.float32)
    crossings[half : half + len(y) - 1] = negative[1:] != negative[:-1]
    blocks = _blocks(crossings, frame_length, hop_length)
    step = blocks.shape[1]
    count = _sums(blocks @ np.ones(step, np.float32), step, frame_length, hop_length)
    # n samples make n - 1 pairs: a frame's last sample and the next one are no pair of the frame.
    count -= crossings[frame_length - 1 :: hop_length]
    return count / np.float32(frame_length)


def _blocks(padded: NDArray[F], frame_length: int, hop_length: int) -> NDArray[F]:
    """Cut samples into the longest blocks of which every frame consists."""
    step = math.gcd(frame_length, hop_length)
    return padded[: len(padded) // step * step].reshape(-1, step)


def _sums(of_blocks: NDArray[F], step: int, frame_length: int, hop_length: int) -> NDArray[F]:
    """Add up the sums of blocks of `step` samples to sums of frames."""
    return np.asarray(_rows(of_blocks, frame_length // step, hop_length // step).sum(axis=1))
