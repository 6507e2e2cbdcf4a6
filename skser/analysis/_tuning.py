"""Deviation of a clip's pitches from A440, from the peaks of its spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def estimate_tuning(S: NDArray[np.float32], sr: float, bins_per_octave: int) -> float:
    """Estimate the tuning as `librosa.estimate_tuning` does, looking at the peaks only.

    Peaks between 150 and 4000 Hz that reach a tenth of their frame's maximum are interpolated
    by a parabola (J. O. Smith, Spectral Audio Signal Processing); the tuning is the fullest of
    100 bins of the residual of the louder half, in fractions of a bin of the octave.

    Parameters
    ----------
    S : ndarray of shape (n_frames, n_bins)
        Magnitude or power.
    sr : float
        Sample rate in Hz.
    bins_per_octave : int

    Returns
    -------
    tuning : float
        In [-0.5, 0.5); 0 if there is no peak.
    """
    import librosa

    n_fft = 2 * (S.shape[1] - 1)
    frequencies = librosa.fft_frequencies(sr=sr, n_fft=n_fft)
    first, last = np.searchsorted(frequencies, [150.0, min(4000.0, sr / 2)])
    first, last = max(first, 1), min(last, S.shape[1] - 1)
    here, below, above = S[:, first:last], S[:, first - 1 : last - 1], S[:, first + 1 : last + 1]
    floor = np.float32(0.1) * S.max(axis=1, keepdims=True)
    peak = (here > floor) & (here > below) & (here >= above)
    bins = np.nonzero(peak)[1] + first
    if len(bins) == 0:
        return 0.0
    left, middle, right = below[peak], here[peak], above[peak]
    curvature = right + left - 2 * middle
    slope = (right - left) / 2
    inside = np.abs(slope) < np.abs(curvature)
    shift = np.where(inside, -slope / np.where(inside, curvature, 1), 0)
    magnitude = middle + np.float32(0.5) * slope * shift
    pitch = ((bins + shift) * sr / n_fft).astype(np.float32)
    tuning: float = librosa.pitch_tuning(
        pitch[magnitude >= np.median(magnitude)], bins_per_octave=bins_per_octave
    )
    return float(tuning)
