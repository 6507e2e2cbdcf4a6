"""Shape of a magnitude spectrum: pure functions of arrays with one frame per row."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
F = TypeVar("F", bound=np.floating)

_TINY = np.finfo(np.float32).tiny
_SMALLEST = np.finfo(np.float32).smallest_subnormal

_BINS_A_BLOCK = 32
"""Number of bins that the roll-off sums at once: about the root of that of a frame."""


def divided(numerator: NDArray[F], denominator: NDArray[F]) -> NDArray[F]:
    """Divide, with 0 where the denominator is too small, as in a silent frame."""
    # A comparison with NaN is false, which keeps NaN as NaN.
    silent = denominator < _TINY
    return np.asarray(numerator / np.where(silent, np.inf, denominator).astype(denominator.dtype))


def to_db(power: Floats, top_db: float = 80.0) -> Floats:
    """Convert power, at least 1e-10, to dB; clip levels to `top_db` below the largest."""
    level = np.maximum(power, 1e-10)
    np.log10(level, out=level)
    level *= 10
    return np.maximum(level, level.max() - top_db, out=level)


def moments(S: Floats, frequencies: Floats) -> NDArray[np.float64]:
    """Sum each frame's magnitudes, multiplied by frequency to the powers 0, 1 and 2.

    Double precision is needed because the spread is a small difference of the last two.

    Parameters
    ----------
    S : ndarray of shape (n_frames, n_bins)
        Magnitude spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.

    Returns
    -------
    moments : ndarray of shape (n_frames, 3)
    """
    powers = np.ones((len(frequencies), 3))
    powers[:, 1] = frequencies
    powers[:, 2] = powers[:, 1] ** 2
    # Work in blocks, so that what is held in double precision stays in a core's cache.
    blocks = [S[i : i + 32].astype(np.float64) @ powers for i in range(0, len(S), 32)]
    return np.concatenate(blocks)


def centroid(moments: NDArray[np.float64]) -> Floats:
    """Return the mean frequency in Hz, weighted by magnitude, 0 in silence; shape (n_frames,)."""
    return divided(moments[:, 1], moments[:, 0]).astype(np.float32)


def bandwidth(S: Floats, frequencies: Floats, moments: NDArray[np.float64], p: float) -> Floats:
    """Return the spread of order p around the centroid in Hz, by magnitude; shape (n_frames,)."""
    total, first, second = moments.T
    mean = divided(first, total)
    if p == 2:
        spread = np.maximum(divided(second, total) - mean**2, 0)
    else:
        deviation = np.abs(frequencies - mean.astype(np.float32)[:, None])
        deviation **= p
        spread = divided(np.vecdot(deviation, S), total)
    return (spread ** (1 / p)).astype(np.float32)


def rolloff(S: Floats, frequencies: Floats, roll_percent: float) -> Floats:
    """Return the frequency in Hz below which `roll_percent` of the magnitude lies; (n_frames,).

    The bin is the first at which a running sum in single precision, as librosa's, reaches its
    share. Such a sum is slow, because every bin waits for the one before. Sums of blocks of bins
    show the same bin, except where rounding may decide: only those frames are summed bin by bin.
    """
    n_frames, n_bins = S.shape
    width, n_blocks = _BINS_A_BLOCK, n_bins // _BINS_A_BLOCK
    if n_blocks == 0:
        return frequencies[_summed_bin_by_bin(S, roll_percent)]
    blocks = S[:, : n_blocks * width].reshape(n_frames, n_blocks, width)
    sums = (blocks @ np.ones(width, dtype=np.float32)).astype(np.float64).cumsum(axis=1)
    threshold = roll_percent * (sums[:, -1] + S[:, n_blocks * width :].sum(axis=1))
    reached = sums >= threshold[:, np.newaxis]
    reached[:, -1] = True
    block = reached.argmax(axis=1)
    frames = np.arange(n_frames)
    inside = blocks[frames, block].astype(np.float64).cumsum(axis=1)
    before = sums[frames, block] - inside[:, -1]
    inside += before[:, np.newaxis]
    # Each of n additions errs by at most u = 2**-24 of the sum. The running sum up to bin k is part
    # of the total, so that of its error, k u, only the share 1 - roll_percent counts; of the
    # further n - k additions, all do. Sums of blocks err by `width` u on either side.
    n_additions = n_bins - roll_percent * width * block + 2 * width + 8
    slack = 1.01 * 2.0**-24 * n_additions * threshold + _SMALLEST
    least, most = threshold - slack, threshold + slack
    first = (inside >= least[:, np.newaxis]).argmax(axis=1)
    # The bin is certain if the running sum surely reaches its share there, and surely not before.
    certain = (inside[frames, first] >= most) & (before < least)
    bins = width * block + first
    unsure = np.flatnonzero(~certain)
    bins[unsure] = _summed_bin_by_bin(S[unsure], roll_percent)
    return frequencies[bins]


def _summed_bin_by_bin(S: Floats, roll_percent: float) -> NDArray[np.intp]:
    """Return the first bin at which the running sum reaches `roll_percent` of the total."""
    # A complex number carries the sums of two frames at once.
    half = (len(S) + 1) // 2
    pairs = np.zeros((half, S.shape[1]), dtype=np.complex64)
    pairs.real = S[:half]
    pairs.imag[: len(S) - half] = S[half:]
    np.cumsum(pairs, axis=1, out=pairs)
    bins = [
        (part >= roll_percent * part[:, -1:]).argmax(axis=1) for part in (pairs.real, pairs.imag)
    ]
    return np.concatenate(bins)[: len(S)]


@lru_cache(maxsize=128)
def _mean_weights(count: int) -> Floats:
    """Return weights of a mean: a product with them is faster than a mean of few values."""
    return np.full(count, 1 / count, dtype=np.float32)


def flatness(power: Floats, amin: float) -> Floats:
    """Return the geometric over the arithmetic mean of a spectrum, at least `amin`; (n_frames,)."""
    raised = np.maximum(power, np.float32(amin))
    arithmetic = raised @ _mean_weights(raised.shape[1])
    np.log(raised, out=raised)
    # Here a product with weights would be faster too, but would err in the fifth digit.
    return np.exp(raised.sum(axis=1) / raised.shape[1]) / arithmetic


def contrast(
    S: Floats,
    sr: float,
    n_fft: int,
    *,
    fmin: float,
    n_bands: int,
    quantile: float,
    linear: bool,
) -> Floats:
    """Compare the peak with the valley of the magnitude in octave bands (Jiang et al. 2002).

    Returns
    -------
    contrast : ndarray of shape (n_frames, n_bands + 1)
        Difference in dB, or of the magnitudes if `linear`.
    """
    bands = _octave_bands(sr, n_fft, fmin, n_bands)
    peak = np.empty((len(bands), len(S)), dtype=np.float32)
    valley = np.empty_like(peak)
    for i, (bins, width) in enumerate(bands):
        n_extreme = max(1, int(np.rint(quantile * width)))
        # Sorting is vectorised, and thus several times as fast as np.partition from both ends.
        ranked = S[:, bins].copy()
        ranked.sort(axis=1)
        mean = _mean_weights(n_extreme)
        np.matmul(ranked[:, :n_extreme], mean, out=valley[i])
        np.matmul(ranked[:, -n_extreme:], mean, out=peak[i])
    return np.asarray(peak - valley if linear else to_db(peak) - to_db(valley)).T


@lru_cache(maxsize=128)
def _octave_bands(sr: float, n_fft: int, fmin: float, n_bands: int) -> list[tuple[slice, int]]:
    """Return the bins of each band, and the number of which a quantile is taken."""
    frequencies = np.fft.rfftfreq(n_fft, 1 / sr)
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    if edges[-2] >= sr / 2:
        raise ValueError(
            f"SpectralContrast: the highest band begins at fmin * 2**(n_bands - 1) = "
            f"{edges[-2]:g} Hz, not below the Nyquist frequency sr / 2 = {sr / 2:g} Hz. Lower "
            f"fmin={fmin!r} or n_bands={n_bands!r}."
        )
    bands = []
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        if len(inside) < 2:
            raise ValueError(
                f"SpectralContrast: the band from {low:g} to {high:g} Hz is narrower than two bins "
                f"(sr / n_fft = {frequencies[1]:g} Hz). Raise n_fft, or fmin={fmin!r}."
            )
        # Neighbouring bands share an edge: a band begins one bin early, the last one extends
        # to the Nyquist frequency, and all others drop their last bin.
        first = int(inside[0]) - (band > 0)
        if band == n_bands:
            bins = slice(first, len(frequencies))
            bands.append((bins, len(frequencies) - first))
        else:
            bins = slice(first, int(inside[-1]))
            bands.append((bins, bins.stop - first + 1))
    return bands
