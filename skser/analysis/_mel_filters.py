"""Mel scales, and filters that are triangles on them.

They equal librosa's, which are not used because to import and call them costs each new process
0.8 s, most of it for numba.

References
----------
.. [1] M. Slaney, "Auditory Toolbox", Technical Report 1998-010, Interval Research Corporation,
   1998.
.. [2] D. O'Shaughnessy, "Speech Communication: Human and Machine", Addison-Wesley, 1987.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

_HZ_A_MEL = 200 / 3
_KNEE = 1000.0
"""Frequency in Hz up to which Slaney's scale is linear."""
_LOG_STEP = np.log(6.4) / 27
"""Logarithm of the ratio of frequencies that lie one mel apart above the knee."""


def hz_to_mel(frequencies: ArrayLike, *, htk: bool = False) -> NDArray[np.float64]:
    """Convert frequencies in Hz to mel.

    Slaney's scale is ``3 f / 200`` up to 1000 Hz, and ``15 + 27 log(f / 1000) / log(6.4)`` above
    [1]_.

    Parameters
    ----------
    frequencies : array-like
        Frequencies in Hz.
    htk : bool, default=False
        Whether to use O'Shaughnessy's scale instead, ``2595 log10(1 + f / 700)``, as HTK does [2]_.

    Returns
    -------
    mels : ndarray of the same shape
    """
    f = np.asarray(frequencies, dtype=np.float64)
    if htk:
        return 2595 * np.log10(1 + f / 700)
    above = _KNEE / _HZ_A_MEL + np.log(np.maximum(f, _KNEE) / _KNEE) / _LOG_STEP
    return np.where(f < _KNEE, f / _HZ_A_MEL, above)


def mel_to_hz(mels: ArrayLike, *, htk: bool = False) -> NDArray[np.float64]:
    """Convert mel to frequencies in Hz: the inverse of `hz_to_mel`."""
    m = np.asarray(mels, dtype=np.float64)
    if htk:
        return 700 * (10 ** (m / 2595) - 1)
    knee = _KNEE / _HZ_A_MEL
    return np.where(m < knee, m * _HZ_A_MEL, _KNEE * np.exp(_LOG_STEP * (m - knee)))


def mel_frequencies(
    n_frequencies: int, fmin: float, fmax: float, *, htk: bool = False
) -> NDArray[np.float64]:
    """Return frequencies in Hz from `fmin` to `fmax`, equidistant in mel."""
    lowest, highest = hz_to_mel([fmin, fmax], htk=htk)
    return mel_to_hz(np.linspace(lowest, highest, n_frequencies), htk=htk)


def mel_filters(
    sr: float,
    n_fft: int,
    n_mels: int,
    fmin: float,
    fmax: float,
    *,
    htk: bool = False,
    equal_area: bool = True,
) -> NDArray[np.float32]:
    """Return triangular filters that are equidistant in mel.

    Each triangle extends to the peaks of its neighbours.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of the transform in samples.
    n_mels : int
        Number of filters.
    fmin, fmax : float
        Lowest and highest frequency in Hz.
    htk : bool, default=False
        Whether to use O'Shaughnessy's scale instead of Slaney's.
    equal_area : bool, default=True
        Whether the area of each triangle is 1, over frequencies in Hz, as Slaney's [1]_, or its
        peak.

    Returns
    -------
    filters : ndarray of shape (n_mels, 1 + n_fft // 2)

    Warns
    -----
    UserWarning
        If a filter lies between two bins, and therefore is 0.
    """
    bins = np.fft.rfftfreq(n_fft, 1 / sr)
    edges = mel_frequencies(n_mels + 2, fmin, fmax, htk=htk)
    left, peak, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((bins - left) / (peak - left), (right - bins) / (right - peak))
    filters = np.maximum(triangles, 0).astype(np.float32)
    if equal_area:
        filters *= 2 / (right - left)
    # As in librosa, a filter that begins at 0 Hz may be empty.
    n_empty = np.count_nonzero((edges[:-2] > 0) & ~filters.any(axis=1))
    if n_empty:
        warnings.warn(
            f"Empty filters detected: {n_empty} of {n_mels} mel bands lie between two bins of the "
            f"spectrum (sr / n_fft = {sr / n_fft:g} Hz), so their values are 0. Lower n_mels, or "
            "raise n_fft.",
            stacklevel=2,
        )
    return filters
