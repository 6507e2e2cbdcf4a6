"""Filters of the constant-Q transform, 36 per octave.

They equal librosa's, which are not used because to import and call them costs each new process
0.8 s, most of it for numba.

References
----------
.. [1] C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing", SMC,
   2010.
.. [2] F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier
   transform", Proceedings of the IEEE 66(1), 1978.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

BINS_PER_OCTAVE = 36

Q = 1 / math.tanh(math.log(2) / BINS_PER_OCTAVE)
"""Frequency of a filter, divided by its bandwidth.

The bandwidth is half the distance of its neighbours, and half their sum counts as its frequency.
"""

_HANN_BANDWIDTH = 1.5
"""Equivalent noise bandwidth of a Hann window, in bins [2]_."""


def highest_passed(frequency: float) -> float:
    """Return the highest frequency that the filter of a frequency passes, in the same unit."""
    return frequency * (1 + _HANN_BANDWIDTH / (2 * Q))


def wavelets(frequencies: NDArray[np.float64]) -> tuple[NDArray[np.complex64], NDArray[np.float64]]:
    """Return Q periods of each frequency in a Hann window.

    Parameters
    ----------
    frequencies : ndarray of shape (n_filters,)
        Frequencies in cycles per sample, in ascending order.

    Returns
    -------
    filters : ndarray of shape (n_filters, n_samples)
        Filters whose magnitudes sum to 1, with zeros on both sides. The number of samples is a
        power of two.
    lengths : ndarray of shape (n_filters,)
        Lengths of the filters in samples, before rounding.
    """
    lengths = Q / frequencies
    n_samples = 2 ** math.ceil(math.log2(lengths[0]))
    filters = np.zeros((len(frequencies), n_samples), dtype=np.complex64)
    for row, frequency, length in zip(filters, frequencies, lengths, strict=True):
        times = np.arange(-math.ceil(length / 2), math.floor(length / 2))
        window = get_window("hann", len(times))
        start = (n_samples - len(times)) // 2
        waves = np.exp(1j * (2 * np.pi * times * frequency))
        row[start : start + len(times)] = window / window.sum() * waves
    return filters, lengths


def without_smallest(rows: NDArray[np.complex64], part: float) -> NDArray[np.complex64]:
    """Set the smallest values of each row to 0, which are together less than `part` of its sum.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_values)
    part : float
        Part of the sum of magnitudes, at least 0 and below 1.

    Returns
    -------
    sparse : ndarray of shape (n_rows, n_values)
    """
    magnitudes = np.abs(rows)
    ranked = np.sort(magnitudes, axis=1)
    sums = np.cumsum(ranked / magnitudes.sum(axis=1, keepdims=True), axis=1)
    n_small = np.count_nonzero(sums < part, axis=1)[:, None]
    return np.where(magnitudes < np.take_along_axis(ranked, n_small, axis=1), 0, rows)


def pitch_classes(n_bins: int) -> NDArray[np.float32]:
    """Return the matrix that sums up the bins of each pitch class; the first bin is a C.

    Three bins belong to a semitone, the middle one of which has its pitch.

    Returns
    -------
    classes : ndarray of shape (12, n_bins)
    """
    semitones = (np.arange(n_bins) + 1) // 3
    return np.eye(12, dtype=np.float32)[:, semitones % 12]
