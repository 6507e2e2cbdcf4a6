"""Images and sequences that differ in length, as object arrays with one array per clip."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from skser.audio._finite import not_finite
from skser.exceptions import AudioError


def is_ragged(X: object) -> TypeGuard[NDArray[np.object_]]:
    """Return whether X is an array that `check_ragged` returns if lengths differ.

    Parameters
    ----------
    X : object
        Any object.

    Returns
    -------
    ragged : bool
    """
    return isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1


def check_ragged(X: Any, axis: int) -> Any:
    """Validate arrays that may differ along one axis, and stack them if they do not.

    Parameters
    ----------
    X : object
        A 1-D object array or a list with one numeric array of two or three axes per clip.
        Anything else is returned as it is.
    axis : int
        Axis of each array along which lengths may differ.

    Returns
    -------
    checked : ndarray
        Array of shape (n_clips, ...) if all arrays have the same shape, otherwise an object array
        of shape (n_clips,) of float32 arrays.

    Raises
    ------
    AudioError
        If an object array is empty or contains anything else; if an array is not numeric,
        contains NaN or infinity, is empty, or differs from the first along another axis; or if X
        is a nested list whose clips differ in length.
    """
    if is_ragged(X):
        _check_items(X)
    elif not isinstance(X, list) or not X or _first_that_is_no_clip(X) is not None:
        _check_nested(X)
        return X
    if len({item.shape for item in X}) == 1:
        return np.stack(list(X))
    checked = np.empty(len(X), dtype=object)
    for index, item in enumerate(X):
        checked[index] = _checked(item, index, X[0], axis)
    return checked


def fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Return whether a shape matches the wanted one, in which None stands for any length.

    Parameters
    ----------
    shape : tuple of int
        Shape of an array.
    wanted : tuple of int or None
        Wanted shape.

    Returns
    -------
    fits : bool
    """
    return len(shape) == len(wanted) and all(
        w is None or n == w for n, w in zip(shape, wanted, strict=True)
    )


def pad_ragged(X: NDArray[np.object_]) -> NDArray[np.float32]:
    """Pad arrays with NaN to the length of the longest.

    Parameters
    ----------
    X : ndarray of shape (n_clips,), dtype=object
        Arrays, as `check_ragged` returns them.

    Returns
    -------
    padded : ndarray of shape (n_clips, ...), dtype=float32
    """
    padded = np.full((len(X), *np.max([item.shape for item in X], axis=0)), np.nan, np.float32)
    for whole, item in zip(padded, X, strict=True):
        whole[tuple(slice(n) for n in item.shape)] = item
    return padded


def _first_that_is_no_clip(X: Iterable[Any]) -> int | None:
    for index, item in enumerate(X):
        if not isinstance(item, np.ndarray) or (index == 0 and item.ndim not in (2, 3)):
            return index
    return None


def _check_items(X: NDArray[np.object_]) -> None:
    if not len(X):
        raise AudioError("X is an empty object array. Pass one array per clip.")
    index = _first_that_is_no_clip(X)
    if index is not None:
        item = X[index]
        what = f"of shape {item.shape}" if isinstance(item, np.ndarray) else repr(item)
        is_path = isinstance(item, str | os.PathLike)
        advice = " Put a feature before this step of the pipeline, which reads files." * is_path
        raise AudioError(
            f"X[{index}] is {type(item).__name__} {what}, but an object array must contain one "
            "array with two or three axes per clip, as Mel2D and MFCC2D return it without "
            f"duration.{advice}"
        )


def _check_nested(X: Any) -> None:
    """Raise an error for a list of nested lists that NumPy cannot convert to an array."""
    if not isinstance(X, list) or not any(isinstance(item, list | tuple) for item in X):
        return
    shapes = [_nested_shape(item) for item in X]
    for index, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise AudioError(
                f"X[{index}] is {_kind(X[index])} of shape {shape}, but X[0] is {_kind(X[0])} of "
                f"shape {shapes[0]}. Make all clips equally long, or pass each as an array of two "
                "or three axes: [np.asarray(clip) for clip in X]."
            )


def _nested_shape(item: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, judging by their first elements, or of an array."""
    if isinstance(item, list | tuple):
        return (len(item), *(_nested_shape(item[0]) if item else ()))
    return item.shape if isinstance(item, np.ndarray) else ()


def _kind(item: Any) -> str:
    return "an array" if isinstance(item, np.ndarray) else f"a {type(item).__name__}"


def _checked(item: NDArray[Any], index: int, first: NDArray[Any], axis: int) -> NDArray[np.float32]:
    shape, wanted = list(item.shape), list(first.shape)
    if item.ndim != first.ndim or shape[:axis] + shape[axis + 1 :] != (
        wanted[:axis] + wanted[axis + 1 :]
    ):
        raise AudioError(
            f"X[{index}] has shape {item.shape}, but X[0] has {first.shape}: only the length of "
            f"axis {axis} may differ between clips."
        )
    if item.size == 0 or item.dtype.kind not in "fiub":
        raise AudioError(
            f"X[{index}] is an array of shape {item.shape} and dtype {item.dtype}, but must "
            "contain numbers. Leave it out, or compute it again."
        )
    values = item.astype(np.float32)
    if not np.isfinite(values).all():
        raise not_finite(index)
    return values
