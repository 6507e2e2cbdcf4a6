"""Deviation of a clip's pitches from A440, estimated from the peaks of its spectrum."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LOWEST, _HIGHEST = 150.0, 4000.0
_A0 = 27.5
_EDGES = np.linspace(-0.5, 0.5, 101)


def estimate_tuning(S: NDArray[np.float32], sr: float, bins_per_octave: int) -> float:
    """Estimate the tuning as `librosa.estimate_tuning` does, from spectral peaks only.

    Peaks between 150 and 4000 Hz that reach a tenth of their frame's maximum are interpolated
    by a parabola (J. O. Smith, Spectral Audio Signal Processing). The residuals of the louder
    half, in fractions of a bin of the octave, are counted in a histogram of 100 bins, and the
    tuning is the mode.

    Parameters
    ----------
    S : ndarray of shape (n_frames, n_bins)
        Magnitude or power spectra.
    sr : float
        Sample rate in Hz.
    bins_per_octave : int
        Number of bins per octave.

    Returns
    -------
    tuning : float
        Tuning in [-0.5, 0.5); 0 if there is no peak.
    """
    pitch, magnitude = _peaks(S, sr)
    if len(pitch) == 0:
        return 0.0
    # Select the peaks that reach the median, which np.median would find more slowly.
    middle = len(magnitude) // 2
    loud = pitch[magnitude >= np.partition(magnitude, middle)[middle]]
    steps = bins_per_octave * np.log2(loud / _A0)
    residual = steps - np.floor(steps)
    residual -= residual >= 0.5
    residual.sort()
    below = residual.searchsorted(_EDGES)
    return float(_EDGES[(below[1:] - below[:-1]).argmax()])


@lru_cache
def _searched_bins(sr: float, n_fft: int) -> tuple[int, int]:
    frequencies = np.fft.rfftfreq(n_fft, 1 / sr)
    first, last = np.searchsorted(frequencies, [_LOWEST, min(_HIGHEST, sr / 2)])
    return max(int(first), 1), min(int(last), len(frequencies) - 1)


def _peaks(S: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the frequency in Hz and the magnitude of every interpolated peak."""
    n_bins = S.shape[1]
    n_fft = 2 * (n_bins - 1)
    first, last = _searched_bins(sr, n_fft)
    loud = S[:, first:last] > np.float32(0.1) * S.max(axis=1, keepdims=True)
    # Few bins are loud. Indexing the flat array is much faster than indexing by frame and bin.
    (among_searched,) = loud.ravel().nonzero()
    n_skipped = n_bins - (last - first)
    at, values = among_searched + among_searched // (last - first) * n_skipped + first, S.ravel()
    at = at[(values[at] > values[at - 1]) & (values[at] >= values[at + 1])]
    bins = at % n_bins
    left, middle, right = values[at - 1], values[at], values[at + 1]
    curvature = right + left - 2 * middle
    slope = (right - left) / 2
    inside = np.abs(slope) < np.abs(curvature)
    shift = np.where(inside, -slope / np.where(inside, curvature, 1), 0)
    magnitude = middle + np.float32(0.5) * slope * shift
    return ((bins + shift) * sr / n_fft).astype(np.float32), magnitude
