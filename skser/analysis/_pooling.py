"""Statistics over the frames of a clip; all are finite for a single frame and for silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d
from scipy.signal import savgol_coeffs

from skser.analysis._functionals import slopes
from skser.analysis._smoothing import smoothed

Floats = NDArray[np.floating]


def _standardised_moment(frames: Floats, order: int) -> Floats:
    """Return E[(x - mean)**order] / std**order, for an order of 3 or 4; 0 where frames are flat."""
    deviation = frames - frames.mean(axis=1, keepdims=True)
    scale = np.abs(deviation).max(axis=1, keepdims=True)
    # Divide by the largest deviation first, so that powers of small numbers do not underflow.
    flat = scale[:, 0] <= 1e-12 * np.abs(frames).max(axis=1)
    unit = deviation / np.where(scale == 0, 1, scale)
    square = unit * unit  # A product is much faster than a power.
    variance = np.where(flat, 1, square.mean(axis=1))
    moment = np.mean(square * (unit if order == 3 else square), axis=1) / variance ** (order / 2)
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
    # As np.mean, whose checks take longer than its sum.
    "mean": lambda frames: frames.sum(axis=1) / frames.shape[1],
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

FUNCTIONALS = (
    *("mean", "std", "skew", "kurtosis", "slope"),
    *("p05", "p25", "median", "p75", "p95"),
)
"""What the name "functionals" stands for: moments, trend and distribution."""

_PERCENTILE = re.compile(r"p(\d{1,2}|100)")


def statistic_names(pooling: str | Sequence[str]) -> list[str]:
    """Return the names of single statistics, with "functionals" replaced by what it stands for."""
    names = [pooling] if isinstance(pooling, str) else pooling
    return [
        single for name in names for single in (FUNCTIONALS if name == "functionals" else [name])
    ]


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
            f"pooling={name!r} is unknown. Choose from {', '.join(STATISTICS)}, percentiles such "
            "as 'p05' or 'p95', and 'functionals' for ten of these."
        )
    q = int(percentile[1])
    return lambda frames: np.percentile(frames, q, axis=1)


def pool(
    frames: NDArray[np.float32], names: Sequence[str], time: Floats | None = None
) -> NDArray[np.float32]:
    """Apply statistics to each coefficient.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames.
    names : sequence of str
        Names of the statistics.
    time : ndarray of shape (n_frames,), default=None
        Indices of the frames, for the slope. If None, there are no gaps between the frames.

    Returns
    -------
    values : ndarray of shape (n_statistics, n_coefficients)
    """
    # Double precision avoids rounding over thousands of frames, and cancellation in variances.
    frames64 = frames.astype(np.float64)
    values = np.empty((len(names), len(frames)), dtype=np.float32)
    matches = [_PERCENTILE.fullmatch("p50" if name == "median" else name) for name in names]
    ranks = {i: int(found[1]) for i, found in enumerate(matches) if found}
    if ranks:
        # One call partitions the frames once for all percentiles.
        values[[*ranks]] = np.percentile(frames64, [*ranks.values()], axis=1)
    for i, name in enumerate(names):
        if name == "slope":
            values[i] = _slope(frames64, time)
        elif i not in ranks:
            values[i] = STATISTICS[name](frames64)
    return values


def _alike(frames: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """Yield the indices of rows whose values exist in the same frames, and where these are."""
    groups: dict[bytes, list[int]] = {}
    exists = ~np.isnan(frames)
    for i, row in enumerate(exists):
        groups.setdefault(row.tobytes(), []).append(i)
    for rows in groups.values():
        yield np.array(rows), exists[rows[0]]


def pool_existing(frames: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
    """Apply statistics to the existing values of each coefficient.

    Parameters
    ----------
    frames : ndarray of shape (n_coefficients, n_frames)
        Values of the frames; NaN where a value does not exist.
    names : sequence of str
        Names of the statistics.

    Returns
    -------
    values : ndarray of shape (n_statistics, n_coefficients)
        Statistics; 0 for a coefficient without any value.
    """
    values = np.zeros((len(names), len(frames)), dtype=np.float32)
    # A gap ends a rising or falling part, but counts as time for a slope.
    of_parts = np.array([name in _OF_PARTS for name in names])
    rest = [name for name in names if name not in _OF_PARTS]
    for rows, exists in _alike(frames):
        time = np.flatnonzero(exists)
        if len(time) == 0:
            continue
        values[np.ix_(~of_parts, rows)] = pool(frames[np.ix_(rows, time)], rest, time.astype(float))
        if of_parts.any():
            parts = [name for name in names if name in _OF_PARTS]
            values[np.ix_(of_parts, rows)] = pool(frames[rows], parts)
    return values


_WIDTH = 9
"""Frames from which a delta coefficient is computed, as in `librosa.feature.delta`."""


@cache
def _savitzky_golay(order: int) -> Floats:
    return np.asarray(savgol_coeffs(_WIDTH, polyorder=order, deriv=order))


def _delta(frames: NDArray[np.float32], order: int) -> NDArray[np.float32]:
    found: NDArray[np.float32] = convolve1d(frames, _savitzky_golay(order), mode="nearest")
    if frames.shape[1] >= _WIDTH:
        # The first and last frames belong to the polynomial of the first or last whole window,
        # whose derivative of the highest order is the same everywhere.
        half = _WIDTH // 2
        found[:, :half] = found[:, half : half + 1]
        found[:, -half:] = found[:, -half - 1 : -half]
    return found


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
    return np.concatenate([frames, *(_delta(frames, i) for i in range(1, order + 1))])


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
    for rows, exists in _alike(frames):
        bounds = np.flatnonzero(np.diff(exists, prepend=False, append=False))
        for start, stop in bounds.reshape(-1, 2):
            run = with_deltas(frames[rows, start:stop], order)
            extended[:, rows, start:stop] = run.reshape(1 + order, len(rows), -1)
    return extended.reshape(-1, frames.shape[1])
