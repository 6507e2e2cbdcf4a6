"""Harmonics-to-noise ratio of voiced frames.

References
----------
.. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
   harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft

from skser.analysis._framing import windows
from skser.analysis._long_spectra import (
    LOWEST_F0,
    LongSpectra,
    autocorrelation,
    long_window,
)

Floats = NDArray[np.float32]

_RUMBLE = 40.0
"""Hz; anything below is neither part of the voice nor of its noise."""
_REACH = 0.03
"""Fraction of a period by which the most similar delay may differ from it."""
_SINC = 16
"""Number of samples on either side of the maximum from which it is interpolated."""
_OVERSAMPLING = 8
_LIMITS = 1e-3, 1e6
"""Limits of the ratio of powers: -30 and 60 dB."""


def harmonics_to_noise(frames: LongSpectra, f0: Floats) -> Floats:
    """Compute the harmonics-to-noise ratio in dB.

    ``HNR = 10 log10(r / (1 - r))``, where `r` is the maximum of the autocorrelation near a delay
    of one period, divided by the autocorrelation of the window (Boersma, 1993).

    Parameters
    ----------
    frames : LongSpectra
        Spectra of the clip.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz; NaN in unvoiced frames.

    Returns
    -------
    hnr : ndarray of shape (n_frames,)
        Ratio in dB, clipped to [-30, 60]; NaN where `f0` is NaN.
    """
    hnr = np.full(frames.n_frames, np.nan, dtype=np.float32)
    for which, power in frames:
        voiced = np.flatnonzero(~np.isnan(f0[which]))
        if len(voiced):
            pitch = f0[which][voiced]
            r = _periodicity(power[voiced], pitch, frames.sr, frames.n_fft)
            r /= _change_of_level(frames, which.start + voiced, pitch)
            hnr[which.start + voiced] = 10 * np.log10(
                np.clip(r / np.maximum(np.abs(1 - r), 1e-6), *_LIMITS)
            )
    return hnr


def _periodicity(power: Floats, f0: Floats, sr: float, n_fft: int) -> Floats:
    """Return the autocorrelation of frames near one period, 1 for an exactly periodic sound."""
    power[:, : 1 + math.floor(_RUMBLE * n_fft / sr)] = 0
    own = _window_autocorrelation(sr, n_fft)
    r = autocorrelation(power)[:, : len(own)]
    r /= np.maximum(r[:, :1], np.float32(1e-30)) * own

    period = sr / f0
    middle = np.rint(period).astype(int)
    reach = math.ceil(_REACH * period.max()) + 1
    offsets = np.arange(-reach, reach + 1)
    rows = np.arange(len(r))
    near = r[rows[:, None], np.minimum(middle[:, None] + offsets, r.shape[1] - 1)]
    near[np.abs(offsets) > np.maximum(_REACH * period, 1.5)[:, None]] = -1
    best = middle + offsets[near.argmax(axis=1)]
    # The autocorrelation is symmetric.
    places = np.abs(best[:, None] + np.arange(-_SINC, _SINC + 1))
    fine = r[rows[:, None], np.minimum(places, r.shape[1] - 1)] @ _interpolation()
    at = np.clip(fine.argmax(axis=1), 1, fine.shape[1] - 2)
    left, top, right = (fine[rows, at + i] for i in (-1, 0, 1))
    curvature = np.minimum(left - 2 * top + right, np.float32(-1e-30))
    shift = np.clip(0.5 * (left - right) / curvature, -1, 1)
    peak: Floats = top - 0.25 * (left - right) * shift
    return peak


def _change_of_level(frames: LongSpectra, chosen: NDArray[np.intp], f0: Floats) -> Floats:
    """Return how the level of two parts of a frame, one period apart, differs from the frame's.

    The autocorrelation of the window accounts for the window's effect on a sound of constant level.
    The level is seldom constant within a frame of a few periods, and if it is not, the quotient
    can exceed 1. Dividing by the levels of the two parts that are compared bounds it.
    """
    inside = np.flatnonzero(frames.window)
    window = frames.window[inside[0] : inside[-1] + 1]
    length = len(window)
    period = np.rint(frames.sr / f0).astype(int)
    starts = (chosen - chosen[0]) * frames.hop
    first = chosen[0] * frames.hop - frames.n_fft // 2 + inside[0]
    x = frames.excerpt(first, starts[-1] + length)
    energy = windows(np.square(x), length)[starts] * window
    around = np.concatenate([np.zeros(length), window, np.zeros(length)]).astype(np.float32)
    shifted = windows(around, length)
    earlier = np.vecdot(energy, shifted[length + period])
    later = np.vecdot(energy, shifted[length - period])
    whole = np.vecdot(energy, window) * _window_autocorrelation(frames.sr, frames.n_fft)[period]
    tiny = np.float32(1e-30)
    levels = np.sqrt(np.maximum(earlier, tiny)) * np.sqrt(np.maximum(later, tiny))
    return levels / np.maximum(whole, tiny)


@lru_cache
def _window_autocorrelation(sr: float, n_fft: int) -> Floats:
    longest = math.ceil(sr / LOWEST_F0 * (1 + _REACH)) + _SINC + 2
    window = long_window(sr).astype(np.float64)
    own = irfft(np.abs(np.fft.rfft(window)) ** 2, n=n_fft)[:longest]
    return (own / own[0]).astype(np.float32)


@lru_cache
def _interpolation() -> Floats:
    """Return a matrix that interpolates around the middle sample, with a Hann-windowed sinc."""
    samples = np.arange(-_SINC, _SINC + 1)[:, None]
    positions = np.arange(-_OVERSAMPLING, _OVERSAMPLING + 1) / _OVERSAMPLING
    distance = positions - samples
    taper = np.cos(np.pi / 2 * np.clip(distance / (_SINC + 1), -1, 1)) ** 2
    return (np.sinc(distance) * taper).astype(np.float32)
