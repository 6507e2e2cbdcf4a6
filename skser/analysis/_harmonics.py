"""Levels of the harmonics of voiced frames, by number and next to formants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skser.analysis._long_spectra import LongSpectra

Floats = NDArray[np.float32]

_OWN_REACH = 0.25
"""Fraction of F0 by which a harmonic may deviate from its expected frequency."""
_FORMANT_REACH = 1.0
"""Fraction of F0 within which a formant's harmonics lie, at least one below and one above it."""
_SMALLEST = np.float32(1e-20)
"""Power; -200 dB."""


def harmonic_levels(frames: LongSpectra, f0: Floats, numbers: Sequence[int]) -> Floats:
    """Compute the levels of harmonics.

    Parameters
    ----------
    frames : LongSpectra
        Spectra of the clip.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz; NaN in unvoiced frames.
    numbers : sequence of int
        Numbers of the harmonics; 1 is the fundamental.

    Returns
    -------
    levels : ndarray of shape (n_frames, len(numbers))
        Levels in dB; 0 dB is a sinusoid of amplitude 1. NaN where `f0` is NaN, and for harmonics
        above the Nyquist frequency.
    """
    places = f0[:, None] * np.asarray(numbers, dtype=np.float32)
    return _strongest(frames, f0, places, _OWN_REACH)


def formant_levels(frames: LongSpectra, f0: Floats, formants: Floats) -> Floats:
    """Compute the levels of the strongest harmonics next to formants.

    For each formant, this is the strongest of the harmonics that are at most one F0 away from it:
    one or two on either side.

    Parameters
    ----------
    frames : LongSpectra
        Spectra of the clip.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz; NaN in unvoiced frames.
    formants : ndarray of shape (n_frames, n_formants)
        Frequencies in Hz; NaN where a formant is missing.

    Returns
    -------
    levels : ndarray of shape (n_frames, n_formants)
        Levels in dB; 0 dB is a sinusoid of amplitude 1. NaN where `f0` or the formant is NaN, and
        for formants above the Nyquist frequency.
    """
    return _strongest(frames, f0, formants, _FORMANT_REACH)


def _strongest(frames: LongSpectra, f0: Floats, places: Floats, reach: float) -> Floats:
    """Return the largest level within `reach` times F0 of each place; (n_frames, n_places)."""
    levels = np.full(places.shape, np.nan, dtype=np.float32)
    bins_per_hz = frames.n_fft / frames.sr
    unit = 2 / frames.window.sum()
    for which, power in frames:
        last, flat = power.shape[1] - 1, power.ravel()
        at = places[which] * bins_per_hz
        row, column = np.nonzero((at <= last) & ~np.isnan(f0[which, None]))
        if len(row) == 0:
            continue
        at = at[row, column]
        radius = np.maximum(reach * f0[which][row] * bins_per_hz, 1)
        lowest = np.maximum(np.ceil(at - radius).astype(np.intp), 1)
        highest = np.minimum(np.floor(at + radius).astype(np.intp), last)
        offsets = np.arange(1 + np.max(highest - lowest))
        starts = row * power.shape[1]
        near = flat.take((starts + lowest)[:, None] + offsets, mode="clip")
        near[offsets > (highest - lowest)[:, None]] = 0
        best = lowest + near.argmax(axis=1)
        around = np.clip(best[:, None] + [-1, 0, 1], 0, last)
        peak = 10 * np.log10(np.maximum(flat[starts[:, None] + around] * unit**2, _SMALLEST))
        left, top, right = peak.T
        curvature = np.minimum(left - 2 * top + right, np.float32(-1e-6))
        shift = np.clip(0.5 * (left - right) / curvature, -0.5, 0.5)
        levels[which.start + row, column] = top - 0.25 * (left - right) * shift
    return levels
