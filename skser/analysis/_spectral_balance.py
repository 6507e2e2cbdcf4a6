"""Balance of low and high frequencies in a power spectrum of speech, and its change over time.

The descriptors are those of Eyben et al. 2016, "The Geneva Minimalistic Acoustic Parameter Set",
IEEE TAC 7(2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FLOOR_DB = -140.0
"""Minimum level of a bin or a band; if nothing is above it, ratios and slopes do not exist."""


def level_db(power: Floats) -> Floats:
    """Return ``10 log10(power)``, at least -140 dB."""
    level = np.maximum(power, np.float32(10 ** (FLOOR_DB / 10)))
    np.log10(level, out=level)
    level *= 10
    return level


def _band(frequencies: NDArray[np.float64], low: float, high: float) -> slice:
    """Return the bins of a band; each bin extends from its frequency to that of the next."""
    first, last = np.searchsorted(frequencies, [low, high], side="right") - 1
    return slice(int(first), int(last))


def _ratio_db(numerator: Floats, denominator: Floats) -> Floats:
    """Return the ratio of two powers in dB; NaN where both are below the floor."""
    upper, lower = level_db(numerator), level_db(denominator)
    silent = (upper <= np.float32(FLOOR_DB)) & (lower <= np.float32(FLOOR_DB))
    return np.where(silent, np.float32(np.nan), upper - lower)


def alpha_ratio(power: Floats, frequencies: NDArray[np.float64]) -> Floats:
    """Compute the ratio of the energy from 1 to 5 kHz to that from 50 Hz to 1 kHz.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.

    Returns
    -------
    ratio : ndarray of shape (n_frames,)
        Ratio of high over low in dB as in Frokjaer-Jensen & Prytz 1976, which rises with vocal
        effort; NaN in silence.
    """
    low = power[:, _band(frequencies, 50, 1000)].sum(axis=1)
    high = power[:, _band(frequencies, 1000, 5000)].sum(axis=1)
    return _ratio_db(high, low)


def hammarberg_index(power: Floats, frequencies: NDArray[np.float64]) -> Floats:
    """Compute the ratio of the strongest bin below 2 kHz to the strongest from 2 to 5 kHz.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.

    Returns
    -------
    index : ndarray of shape (n_frames,)
        Ratio of low over high in dB; NaN in silence.
    """
    low = power[:, _band(frequencies, 0, 2000)].max(axis=1)
    high = power[:, _band(frequencies, 2000, 5000)].max(axis=1)
    return _ratio_db(low, high)


def spectral_slope(
    power: Floats, frequencies: NDArray[np.float64], low: float, high: float
) -> Floats:
    """Fit a straight line to the level in dB between two frequencies by least squares.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.
    low, high : float
        Lowest and highest frequency in Hz, both included.

    Returns
    -------
    slope : ndarray of shape (n_frames,)
        Slope in dB per Hz; NaN in silence.
    """
    first, last = np.searchsorted(frequencies, [low, high + 1e-6])
    inside = slice(int(first), int(last))
    deviation = frequencies[inside] - frequencies[inside].mean()
    weights = (deviation / (deviation @ deviation)).astype(np.float32)
    level = level_db(power[:, inside])
    silent = level.max(axis=1) <= np.float32(FLOOR_DB)
    return np.where(silent, np.float32(np.nan), level @ weights)


def spectral_flux(
    power: Floats,
    frequencies: NDArray[np.float64],
    previous: Floats | None = None,
    highest: float = 5000.0,
) -> Floats:
    """Measure how much the magnitude spectrum differs from that of the previous frame.

    The flux is the root mean squared difference of the magnitudes of the bins below `highest`.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.
    previous : ndarray of shape (n_bins,), default=None
        Power of the frame before the first; None at the start of a clip, where the flux is 0.
    highest : float, default=5000
        Highest frequency in Hz.

    Returns
    -------
    flux : ndarray of shape (n_frames,)
    """
    inside = _band(frequencies, 0, highest)
    magnitude = np.sqrt(power[:, inside])
    first = magnitude[:1] if previous is None else np.sqrt(previous[None, inside])
    difference = magnitude - np.concatenate([first, magnitude[:-1]])
    return np.sqrt(np.vecdot(difference, difference) / difference.shape[1])
