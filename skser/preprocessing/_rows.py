"""The values of clips as rows of a table, and the statistics of such rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHECKED = 256
"""Number of rows on which to test whether a scaler only subtracts and divides."""


def as_rows(value: NDArray[Any]) -> NDArray[Any]:
    """Arrange the values of one clip as a table: one row for a vector, one row per image frame.

    Parameters
    ----------
    value : ndarray of shape (n_values,) or (n_rows, n_frames[, n_channels])
        Vector or image of a clip.

    Returns
    -------
    rows : ndarray of shape (1, n_values) or (n_frames, n_rows[ * n_channels])
        Rows of a table, whose columns are the values, or the rows (and channels) of the image.
    """
    if value.ndim == 1:
        return value[np.newaxis]
    return np.moveaxis(value, 1, 0).reshape(value.shape[1], -1)


def from_rows(rows: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Invert `as_rows`.

    Parameters
    ----------
    rows : ndarray of shape (1, n_values) or (n_frames, n_rows[ * n_channels])
        Rows that `as_rows` returned for a clip.
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
    """Return the rows of the clips with given indices, one clip after the other."""
    return np.concatenate([as_rows(values[place]) for place in places])


def usable(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each clip whether it could be read; if not, a union may return NaN."""
    return np.array([bool(np.isfinite(value).all()) for value in values])


def location_and_scale(
    scaler: Any, n_columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return the values that a fitted scaler subtracts from each column and divides it by.

    ``z = (x - location) / scale`` implies ``scale = 1 / (z(1) - z(0))`` and
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
    """Return whether a fitted scaler only subtracts and divides; rows are (n_rows, n_columns)."""
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

    where :math:`n` is the number of clips and :math:`k` the weight of the prior, which counts as
    much as :math:`k` clips.

    Parameters
    ----------
    location, scale : ndarray of shape (n_columns,)
        Statistics of a speaker's values, after standardisation over all speakers.
    n_clips : int
        Number of clips from which the statistics are computed.
    prior_weight : float
        Weight of the prior as a number of clips.

    Returns
    -------
    location, scale : ndarray of shape (n_columns,)
    """
    total = n_clips + prior_weight
    return n_clips * location / total, np.sqrt((n_clips * scale**2 + prior_weight) / total)
