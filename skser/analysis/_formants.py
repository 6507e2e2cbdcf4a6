"""Formants of a voice, from the power spectra of its frames.

References
----------
.. [1] J. Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63(4), 1975.
.. [2] S. S. McCandless, "An algorithm for automatic formant extraction using linear prediction
   spectra", IEEE TASSP 22(2), 1974.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from skser.analysis._framing import windows
from skser.analysis._linear_prediction import harmonic_envelope, levinson_durbin, poles

Floats = NDArray[np.float32]

CEILING = 5000.0  # Hz; a tract of 17.5 cm has five formants below it
HERTZ_A_POLE_PAIR = 1000.0
LEAST_FREQUENCY = 90.0  # Hz
EDGE = 50.0  # Hz below the ceiling, where no formant is searched for
GREATEST_BANDWIDTH = 1000.0  # Hz
PRE_EMPHASIS = 0.97
"""Coefficient of the filter ``1 - 0.97 / z``, which is applied not at all, once and twice."""
MARGINS = np.array([0.03, 0.0, 0.0])
"""Margin in the log prediction error by which no pre-emphasis must be better than one or two."""
TILT_FRAMES = 101
TRACK_FRAMES = 11
TRACK_PASSES = 2
NEUTRAL_WEIGHT = 0.6
SKIP_WEIGHT = 0.3
BANDWIDTH_WEIGHT = 0.05
_NOISE = 1e-9
_SILENCE = 1e-12
_BLOCK = 1024


class Predictors(NamedTuple):
    """Linear predictors of frames with no, one and two pre-emphases."""

    coefficients: Floats  # (n_frames, 3, order + 1), NaN where there is none
    log_error: Floats  # (n_frames, 3)
    sr: float  # Hz, twice the ceiling


class Formants(NamedTuple):
    """Tracks of formants, the lowest first; NaN where a frame has none."""

    frequency: Floats  # (n_formants, n_frames) in Hz
    bandwidth: Floats  # (n_formants, n_frames) in Hz


def predictors(
    power: Floats, frequencies: NDArray[np.float64], f0: Floats | None = None
) -> Predictors:
    """Fit an all-pole model to the part of each spectrum below 5 kHz.

    This is selective linear prediction [1]_: the autocorrelation is the cosine transform of the
    power below the ceiling, which avoids resampling. Pre-emphasis is a weighting of the power.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    frequencies : ndarray of shape (n_bins,)
        Frequencies of the bins in Hz.
    f0 : ndarray of shape (n_frames,), default=None
        Fundamental frequency in Hz, NaN where a frame is unvoiced and needs no formants. The
        model is fitted to the envelope of the harmonics. If None, the model is fitted to the
        spectrum of every frame.

    Returns
    -------
    Predictors
    """
    bin_hz = frequencies[1]
    ceiling = min(CEILING, frequencies[-1])
    last = round(float(ceiling / bin_hz))
    order = 2 * round(float(last * bin_hz / HERTZ_A_POLE_PAIR))
    heard = np.arange(len(power)) if f0 is None else np.flatnonzero(~np.isnan(f0))
    heard = heard[power[heard, : last + 1].sum(axis=1) > _SILENCE]
    coefficients = np.full((len(power), 3, order + 1), np.nan, dtype=np.float32)
    log_error = np.full((len(power), 3), np.nan, dtype=np.float32)
    if len(heard):
        if f0 is None:
            spectrum = power[heard, : last + 1].astype(np.float64)
        else:
            spectrum = harmonic_envelope(power[heard], bin_hz, f0[heard], last + 1)
        autocorrelation = (spectrum @ _cosines(last, order)).reshape(-1, 3, order + 1)
        autocorrelation[..., 0] *= 1 + _NOISE
        coefficients[heard], error = levinson_durbin(autocorrelation)
        log_error[heard] = np.log(error)
    return Predictors(coefficients, log_error, 2 * last * bin_hz)


def joined(parts: Sequence[Predictors]) -> Predictors:
    """Join the predictors of blocks of frames that follow each other."""
    return Predictors(
        np.concatenate([part.coefficients for part in parts]),
        np.concatenate([part.log_error for part in parts]),
        parts[0].sr,
    )


@lru_cache
def _cosines(last: int, order: int) -> NDArray[np.float64]:
    """Return the matrix from power to autocorrelation; shape (last + 1, 3 * (order + 1))."""
    angles = np.pi * np.arange(last + 1) / last
    cosines = np.cos(np.outer(angles, np.arange(order + 1)))
    cosines[[0, -1]] /= 2
    emphasis = np.abs(1 - PRE_EMPHASIS * np.exp(-1j * angles)) ** 2
    return np.concatenate([emphasis[:, None] ** k * cosines for k in range(3)], axis=1)


def formants(models: Predictors, n_formants: int = 3) -> Formants:
    """Find formants among the poles of predictors and follow them over time.

    The number of pre-emphases is the one with the least prediction error on average over a second,
    because the spectrum of a source may fall by 12 dB per octave or not at all. Poles with a
    bandwidth of less than 1000 Hz are candidates. Each frame takes, in rising order, those nearest
    to the formants of the frames around it, as in [2]_, which uses the previous frame.

    Parameters
    ----------
    models : Predictors
        Linear predictors of the frames.
    n_formants : int, default=3
        Number of formants.

    Returns
    -------
    Formants
    """
    n_frames = len(models.log_error)
    frequency = np.full((n_formants, n_frames), np.nan, dtype=np.float32)
    bandwidth = frequency.copy()
    modelled = np.flatnonzero(~np.isnan(models.log_error[:, 0]))
    if len(modelled):
        candidates, widths = _candidates(models, modelled)
        chosen = _followed(candidates, widths, n_formants)
        rows = np.arange(len(chosen))[:, None]
        frequency[:, modelled] = candidates[rows, chosen].T
        bandwidth[:, modelled] = widths[rows, chosen].T
        bandwidth[np.isnan(frequency)] = np.nan
    return Formants(frequency, bandwidth)


def _candidates(models: Predictors, modelled: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the frequencies, rising, and bandwidths of candidate formants, padded with NaN."""
    errors = uniform_filter1d(
        models.log_error[modelled].astype(np.float64), TILT_FRAMES, axis=0, mode="reflect"
    )
    emphases = (errors + MARGINS).argmin(axis=1)
    parts = [
        poles(models.coefficients[modelled[i : i + _BLOCK], emphases[i : i + _BLOCK]])
        for i in range(0, len(modelled), _BLOCK)
    ]
    z = np.concatenate(parts)
    frequency = np.angle(z) * models.sr / (2 * np.pi)
    bandwidth = -np.log(np.abs(z)) * models.sr / np.pi
    # A missing pole is NaN, and fails every comparison.
    formant = (frequency > LEAST_FREQUENCY) & (frequency < models.sr / 2 - EDGE)
    formant &= bandwidth < GREATEST_BANDWIDTH
    frequency[~formant] = np.nan
    bandwidth[~formant] = np.nan
    cells = np.arange(len(frequency))[:, None], np.argsort(frequency, axis=1)
    return frequency[cells].astype(np.float32), bandwidth[cells].astype(np.float32)


def _followed(candidates: Floats, widths: Floats, n_formants: int) -> NDArray[np.intp]:
    """Choose a candidate for each formant; shape (n_frames, n_formants)."""
    choices = np.array(list(combinations(range(candidates.shape[1]), n_formants)))
    position = np.log(candidates)
    neutral = np.log(500.0 * (2 * np.arange(n_formants) + 1))
    # A choice is less likely if it skips poles, if they are far from a uniform tube's, or broad.
    unlikely = SKIP_WEIGHT * (choices[:, -1] - (n_formants - 1)) + sum(
        NEUTRAL_WEIGHT * np.abs(position[:, choices[:, k]] - neutral[k])
        + BANDWIDTH_WEIGHT * widths[:, choices[:, k]] / 100
        for k in range(n_formants)
    )
    cost = np.where(np.isnan(unlikely), np.inf, unlikely)
    rows = np.arange(len(candidates))[:, None]
    for _ in range(TRACK_PASSES):
        track = position[rows, choices[cost.argmin(axis=1)]]
        known = ~np.isnan(track).any(axis=1)
        if not known.any():
            break
        if not known.all():
            track[~known] = _median(track[known])
        near = _running_median(track)
        jumps = sum(
            np.abs(position[:, choices[:, k]] - near[:, k : k + 1]) for k in range(n_formants)
        )
        cost = unlikely + jumps
        cost[np.isnan(cost)] = np.inf
    return choices[cost.argmin(axis=1)]


def _median(track: Floats) -> Floats:
    """Return the median of each column; `np.median` takes several times as long for short ones."""
    ordered = np.sort(track, axis=0)
    middle: Floats = (ordered[(len(track) - 1) // 2] + ordered[len(track) // 2]) / 2
    return middle


def _running_median(track: Floats) -> Floats:
    """Return medians over `TRACK_FRAMES` frames of each column; its ends are held."""
    half = TRACK_FRAMES // 2
    held = np.concatenate([track[:1].repeat(half, axis=0), track, track[-1:].repeat(half, axis=0)])
    # Short rows are sorted in a fraction of the time of an image filter.
    median: Floats = np.sort(windows(held.T, TRACK_FRAMES))[..., half].T
    return median
