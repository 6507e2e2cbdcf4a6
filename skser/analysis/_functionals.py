"""Statistics of the voice over frames with missing values, and its rhythm.

The statistics are those of Eyben et al. 2016, "The Geneva Minimalistic Acoustic Parameter Set",
IEEE TAC 7(2). A missing value is NaN and is ignored; if all values are missing, a statistic is 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

PERCENTILES = (20, 50, 80)
PEAK_PROMINENCE = 0.1
"""Height of a peak above the valleys beside it, as a fraction of the range of the contour."""

_RIPPLE = 0.05
"""Minimum prominence of a loudness peak, as a fraction of the loudest frame."""
_TINY = float(np.finfo(np.float64).tiny)


class Slopes(NamedTuple):
    """Mean and standard deviation of the slopes of rising and falling parts, per second."""

    rising_mean: float
    rising_std: float
    falling_mean: float
    falling_std: float


class Rhythm(NamedTuple):
    """Rate and lengths of voiced and unvoiced segments."""

    voiced_per_second: float
    voiced_mean: float  # s
    voiced_std: float  # s
    unvoiced_mean: float  # s
    unvoiced_std: float  # s


def mean_and_variation(values: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the mean, and the coefficient of variation: the standard deviation over the mean.

    For values of either sign, such as levels in dB, the coefficient has the sign of their mean,
    and is large if the mean is close to 0; if the mean is exactly 0, so is the coefficient.

    Parameters
    ----------
    values : ndarray of shape (..., n_frames)
        Values; NaN where missing.

    Returns
    -------
    averages, coefficients : ndarray of shape (...,)
    """
    present = ~np.isnan(values)
    number = np.maximum(np.count_nonzero(present, axis=-1), 1)
    average = np.where(present, values, 0).sum(axis=-1, dtype=np.float64) / number
    difference = np.where(present, values - average[..., None], 0)
    deviation = np.sqrt(np.vecdot(difference, difference) / number)
    variation = np.divide(deviation, average, out=np.zeros_like(average), where=average != 0)
    return average, variation


def percentiles(values: Floats) -> NDArray[np.float64]:
    """Return the 20th, 50th and 80th percentile of a contour, and the range from 20th to 80th.

    Parameters
    ----------
    values : ndarray of shape (n_frames,)
        Contour; NaN where missing.

    Returns
    -------
    percentiles : ndarray of shape (4,)
    """
    present = np.sort(values[~np.isnan(values)].astype(np.float64))
    if len(present) == 0:
        return np.zeros(4)
    # Same as np.percentile, which takes several times as long for a few hundred frames.
    places = np.array(PERCENTILES) / 100 * (len(present) - 1)
    low, middle, high = np.interp(places, np.arange(len(present)), present)
    return np.array([low, middle, high, high - low])


def slopes(values: Floats, hop_seconds: float) -> Slopes:
    """Describe the slopes of the rising and of the falling parts of a contour.

    A rising part leads from a valley to the next peak, a falling part from a peak to the next
    valley; a missing frame ends a part. A contour turns where it goes back by a tenth of its range
    or more, so that a ripple does not split a part.

    Parameters
    ----------
    values : ndarray of shape (n_frames,)
        Contour; NaN where missing.
    hop_seconds : float
        Time from one frame to the next in seconds.

    Returns
    -------
    Slopes
        Slopes in units of the contour per second, positive for rising and falling parts alike.
    """
    present = ~np.isnan(values)
    if not present.any():
        return Slopes(0.0, 0.0, 0.0, 0.0)
    threshold = PEAK_PROMINENCE * float(np.ptp(values[present]))
    starts, stops = _runs_of(present)
    rates = [
        _part_slopes(values[start:stop].astype(np.float64), threshold)
        for start, stop in zip(starts, stops, strict=True)
        if present[start] and stop - start > 1
    ]
    slope = np.concatenate(rates) / hop_seconds if rates else np.zeros(0)
    described = (_mean_and_std(part) for part in (slope[slope > 0], -slope[slope < 0]))
    return Slopes(*(value for pair in described for value in pair))


def _part_slopes(contour: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Return the slope per frame of each part between two turning points of a contour."""
    turns = np.array(_turning_points(contour, max(least, _TINY)))
    heights = contour[turns]
    return (heights[1:] - heights[:-1]) / (turns[1:] - turns[:-1])


def _turning_points(contour: NDArray[np.float64], least: float) -> list[int]:
    """Return the indices of a contour's ends, and of the points where it turns by `least`."""
    steps = contour[1:] - contour[:-1]
    extrema = np.flatnonzero(steps[1:] * steps[:-1] <= 0) + 1
    values = contour.tolist()
    turns, rising, low, high = [0], None, 0, 0
    for i in [*extrema.tolist(), len(values) - 1]:
        low = i if values[i] < values[low] else low
        high = i if values[i] > values[high] else high
        if rising is not True and values[i] - values[low] >= least:
            turns += [low] if rising is False else []
            rising, high = True, i
        elif rising is not False and values[high] - values[i] >= least:
            turns += [high] if rising is True else []
            rising, low = False, i
    return [*turns, len(values) - 1]


def _mean_and_std(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the mean and standard deviation, or zeros if there are no values."""
    if len(values) == 0:
        return 0.0, 0.0
    average = values.sum() / len(values)
    deviation = values - average
    return float(average), math.sqrt(deviation @ deviation / len(values))


def peaks_per_second(loudness: Floats, hop_seconds: float) -> float:
    """Compute the number of loudness peaks per second, about one per syllable.

    A peak counts if it rises by a tenth of the range of the contour above the valleys that
    separate it from higher peaks.

    Parameters
    ----------
    loudness : ndarray of shape (n_frames,)
        Loudness contour.
    hop_seconds : float
        Time from one frame to the next in seconds.

    Returns
    -------
    rate : float
        Peaks per second; 0 if the contour does not vary.
    """
    extent = float(np.ptp(loudness)) if len(loudness) else 0.0
    if extent <= 0:
        return 0.0
    least = max(PEAK_PROMINENCE * extent, _RIPPLE * float(np.max(loudness)))
    peaks, _ = find_peaks(loudness, prominence=least)
    return len(peaks) / (len(loudness) * hop_seconds)


def rhythm(voiced: Mask, hop_seconds: float) -> Rhythm:
    """Describe the lengths of voiced and unvoiced segments.

    Parameters
    ----------
    voiced : ndarray of shape (n_frames,)
        Whether each frame is voiced.
    hop_seconds : float
        Time from one frame to the next in seconds.

    Returns
    -------
    Rhythm
        The duration of n frames is n hops; a value is 0 if there is no such segment.
    """
    starts, stops = _runs_of(voiced)
    seconds = (stops - starts) * hop_seconds
    lengths = seconds[voiced[starts]], seconds[~voiced[starts]]
    described = (_mean_and_std(part) for part in lengths)
    duration = len(voiced) * hop_seconds
    rate = len(lengths[0]) / duration if duration else 0.0
    return Rhythm(rate, *(value for pair in described for value in pair))


def _runs_of(values: NDArray[np.generic]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the start and the (excluded) stop index of each run of equal values."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    bounds = np.concatenate([[0], changes, [len(values)]]) if len(values) else np.zeros(1, np.intp)
    return bounds[:-1], bounds[1:]
