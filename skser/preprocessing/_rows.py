"""The values of clips as rows of a table, and the statistics of such rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHECKED = 256
"""Rows on which it is tested that a scaler subtracts and divides."""


def as_rows(value: NDArray[Any]) -> NDArray[Any]:
    """Lay the values of one clip out as a table: a vector is one row, a frame of an image another.

    Parameters
    ----------
    value : ndarray of shape (n_values,) or (n_rows, n_frames[, n_channels])
        Vector or image of a clip.

    Returns
    -------
    rows : ndarray of shape (1, n_values) or (n_frames, n_rows[ * n_channels])
        Rows of a table, in which a column is a value, or a row (and channel) of the image.
    """
    if value.ndim == 1:
        return value[np.newaxis]
    return np.moveaxis(value, 1, 0).reshape(value.shape[1], -1)


def from_rows(rows: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Undo `as_rows`.

    Parameters
    ----------
    rows : ndarray of shape (1, n_values) or (n_frames, n_rows[ * n_channels])
        What `as_rows` made of a clip.
    shape : tuple of int
        Shape of the values of the clip.

    Returns
    -------
    value : ndarray of that shape
    """
    if len(shape) == 1:
        return rows[0]
    n_rows, n_frames, *channels = shape
    return np.moveaxis(rows.reshape(n_frames, n_rows, *channels), 0, 1)


def stacked_rows(values: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
    """Return the rows of the clips at some places, one clip behind the other."""
    return np.concatenate([as_rows(values[place]) for place in places])


def usable(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of each clip whether it could be read: a union may return NaN where it could not."""
    return np.array([bool(np.isfinite(value).all()) for value in values])


def location_and_scale(
    scaler: Any, n_columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return what a fitted scaler subtracts from each column, and what it divides it by.

    From ``z = (x - location) / scale`` follow ``scale = 1 / (z(1) - z(0))`` and
    ``location = -z(0) * scale``.

    Parameters
    ----------
    scaler : transformer
        Fitted scaler, such as `StandardScaler`, `RobustScaler` or `MinMaxScaler`.
    n_columns : int
        Number of columns.

    Returns
    -------
    location, scale : ndarray of shape (n_columns,)
    """
    at_zero, at_one = np.asarray(
        scaler.transform(np.repeat([[0.0], [1.0]], n_columns, axis=1)), dtype=np.float64
    )
    scale = 1 / (at_one - at_zero)
    return -at_zero * scale, scale


def subtracts_and_divides(scaler: Any, rows: NDArray[Any]) -> bool:
    """Tell whether a fitted scaler does nothing else to rows, shape (n_rows, n_columns)."""
    sample = np.asarray(rows[:_CHECKED], dtype=np.float64)
    scaled = np.asarray(scaler.transform(sample))
    if scaled.shape != sample.shape:
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        location, scale = location_and_scale(scaler, sample.shape[1])
        return bool(np.allclose((sample - location) / scale, scaled, rtol=1e-3, atol=1e-3))


def shrink(
    location: NDArray[np.float64], scale: NDArray[np.float64], n_clips: int, prior_weight: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Blend statistics of few clips with the location 0 and the scale 1 of all speakers.

    .. math::
        m' = \frac{n m}{n + k}, \qquad s' = \sqrt{\frac{n s^2 + k}{n + k}}

    with :math:`n` the number of clips and :math:`k` the weight of the prior, as of a prior that
    was seen in :math:`k` clips.

    Parameters
    ----------
    location, scale : ndarray of shape (n_columns,)
        Statistics of a speaker's values, which were standardised over all speakers before.
    n_clips : int
        Number of clips that they are of.
    prior_weight : float
        Weight of the prior in clips.

    Returns
    -------
    location, scale : ndarray of shape (n_columns,)
    """
    total = n_clips + prior_weight
    return n_clips * location / total, np.sqrt((n_clips * scale**2 + prior_weight) / total)
