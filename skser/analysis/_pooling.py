"""Statistics over the frames of a clip; all are finite for a single frame and for silence."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skser.analysis._functionals import slopes
from skser.analysis._smoothing import smoothed

Floats = NDArray[np.floating]


def _standardised_moment(frames: Floats, order: int) -> Floats:
    """Return E[(x - mean)**order] / std**order; 0 where the frames do not vary."""
    deviation = frames - frames.mean(axis=1, keepdims=True)
    scale = np.abs(deviation).max(axis=1, keepdims=True)
    # Divide by the largest deviation first, so that powers of small numbers do not underflow.
    flat = scale[:, 0] <= 1e-12 * np.abs(frames).max(axis=1)
    unit = deviation / np.where(scale == 0, 1, scale)
    variance = np.mean(unit**2, axis=1)
    moment = np.mean(unit**order, axis=1) / np.where(flat, 1, variance) ** (order / 2)
    return np.where(flat, 0, moment)


def _skew(frames: Floats) -> Floats:
    return _standardised_moment(frames, 3)


def _kurtosis(frames: Floats) -> Floats:
    moment = _standardised_moment(frames, 4)
    return np.where(moment == 0, 0, moment - 3)


def _slope(frames: Floats, time: Floats | None = None) -> Floats:
    """Return the slope of the least-squares line per frame."""
    time = np.arange(frames.shape[1], dtype=np.float64) if time is None else time
    deviation = time - time.mean()
    return frames @ deviation / (deviation @ deviation or 1)


def _cv(frames: Floats) -> Floats:
    """Return the standard deviation over the mean; 0 where the mean is 0."""
    mean, std = frames.mean(axis=1), frames.std(axis=1)
    # A mean of 0, or the deviation of constant frames, may differ from 0 by rounding.
    rounding = 1e-12 * np.abs(frames).max(axis=1)
    there = (np.abs(mean) > rounding) & (std > rounding)
    return np.divide(std, mean, out=np.zeros_like(mean), where=there)


def _iqr(frames: Floats) -> Floats:
    low, high = np.percentile(frames, [25, 75], axis=1)
    return np.asarray(high - low)


def _slopes_of_parts(field: str) -> Callable[[Floats], Floats]:
    """Return a function that computes a statistic of the slopes of rising or falling parts.

    Slopes are per frame. Values are first averaged over three frames; a missing value (NaN) ends a
    part.
    """
    return lambda frames: np.array([getattr(slopes(row, 1.0), field) for row in smoothed(frames)])


_OF_PARTS = {
    "mean_rising_slope": _slopes_of_parts("rising_mean"),
    "std_rising_slope": _slopes_of_parts("rising_std"),
    "mean_falling_slope": _slopes_of_parts("falling_mean"),
    "std_falling_slope": _slopes_of_parts("falling_std"),
}

STATISTICS: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda frames: frames.mean(axis=1),
    "std": lambda frames: frames.std(axis=1),
    "cv": _cv,
    "min": lambda frames: frames.min(axis=1),
    "max": lambda frames: frames.max(axis=1),
    "range": lambda frames: np.ptp(frames, axis=1),
    "median": lambda frames: np.median(frames, axis=1),
    "iqr": _iqr,
    "skew": _skew,
    "kurtosis": _kurtosis,
    "slope": _slope,
    **_OF_PARTS,
}
"""Functions of frames (n_coefficients, n_frames) in double precision, by name."""

_PERCENTILE = re.compile(r"p(\d{1,2}|100)")


def statistic(name: str) -> Callable[[Floats], Floats]:
    """Return a statistic by name; ``"p05"`` is the 5th percentile.

    Raises
    ------
    ValueError
        If no statistic has the name.
    """
    if name in STATISTICS:
        return STATISTICS[name]
    percentile = _PERCENTILE.fullmatch(name)
    if percentile is None:
        raise ValueError(
            f"pooling={name!r} is unknown. Choose from {', '.join(STATISTICS)}, and percentiles "
            "such as 'p05' or 'p95'."
        )
    q = int(percentile[1])
    return lambda frames: np.percentile(frames, q, axis=1)


def pool(frames: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Apply a statistic to each coefficient.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames.
    name : str
        Name of the statistic.

    Returns
    -------
    values : ndarray of shape (n_coefficients,)
    """
    # Double precision avoids rounding over thousands of frames, and cancellation in variances.
    return statistic(name)(frames.astype(np.float64)).astype(np.float32)


def pool_existing(frames: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Apply a statistic to the existing values of each coefficient.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames; NaN where a value does not exist.
    name : str
        Name of the statistic.

    Returns
    -------
    values : ndarray of shape (n_coefficients,)
        Statistics; 0 for a coefficient without any value.
    """
    values = np.zeros(len(frames), dtype=np.float32)
    for i, row in enumerate(frames):
        time = np.flatnonzero(~np.isnan(row))
        if len(time) == 0:
            continue
        existing = row[np.newaxis, time]
        if name in _OF_PARTS:
            # A gap ends a part.
            [values[i]] = pool(row[np.newaxis], name)
        elif name == "slope":
            # A gap counts as time.
            [values[i]] = _slope(existing.astype(np.float64), time.astype(np.float64))
        else:
            [values[i]] = pool(existing, name)
    return values


def with_deltas(frames: NDArray[np.float32], order: int) -> NDArray[np.float32]:
    """Append delta coefficients of first (and second) order, as `librosa.feature.delta`.

    They are computed by a Savitzky-Golay filter over nine frames; a clip of fewer frames is
    extended by repeating its first and last.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames.
    order : {0, 1, 2}
        Order of the delta coefficients to append.

    Returns
    -------
    frames : ndarray of shape ((1 + order) * n_coefficients, n_frames)
    """
    if order == 0:
        return frames
    from librosa.feature import delta

    mode = "interp" if frames.shape[1] >= 9 else "nearest"
    parts = [delta(frames, order=i, mode=mode) for i in range(1, order + 1)]
    return np.concatenate([frames, *parts])


def with_deltas_of_runs(frames: NDArray[np.float32], order: int) -> NDArray[np.float32]:
    """Append delta coefficients, as `with_deltas`, within each run of existing values.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames; NaN where a value does not exist.
    order : {0, 1, 2}
        Order of the delta coefficients to append.

    Returns
    -------
    frames : ndarray of shape ((1 + order) * n_coefficients, n_frames)
        Values and deltas; a delta exists wherever the coefficient does.
    """
    extended = np.full((1 + order, *frames.shape), np.nan, dtype=np.float32)
    for i, row in enumerate(frames):
        exists = np.concatenate([[False], ~np.isnan(row), [False]])
        bounds = np.flatnonzero(exists[1:] != exists[:-1])
        for start, stop in bounds.reshape(-1, 2):
            extended[:, i, start:stop] = with_deltas(row[np.newaxis, start:stop], order)
    return extended.reshape(-1, frames.shape[1])
