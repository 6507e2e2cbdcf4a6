"""Samples that occur only once, such as an augmented copy, so that no store keeps their values.

The mark is the class of the array, as only the class survives slicing and pickling for another
process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Transient(np.ndarray[Any, Any]):
    """Transient samples of one clip; slices of them are transient too."""


class _Table(np.ndarray[Any, Any]):
    """A 2-D array with one clip per row, some of which are transient."""

    _transient_rows: NDArray[np.bool_] | None = None

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        rows, *samples = key if isinstance(key, tuple) else (key,)
        selects_rows = isinstance(rows, int | np.integer | slice) or np.ndim(rows) == 1
        if self._transient_rows is None or not selects_rows:
            return np.asarray(part)
        if not all(isinstance(s, slice) or s is Ellipsis for s in samples):
            return np.asarray(part)
        return _marked(part, self._transient_rows[rows])

    def __reduce__(self) -> Any:
        return _marked, (np.asarray(self), self._transient_rows)


def _marked(y: NDArray[Any], is_transient: Any) -> NDArray[Any]:
    """Mark one clip, or the rows of a table."""
    plain = np.asarray(y)
    if not np.any(is_transient):
        return plain
    if plain.ndim == 1:
        return plain.view(_Transient)
    table = plain.view(_Table)
    table._transient_rows = np.asarray(is_transient)
    return table


def as_transient(y: NDArray[Any]) -> NDArray[Any]:
    """Mark the samples of a clip as transient, without copying them."""
    return y.view(_Transient)


def is_transient(y: object) -> bool:
    """Return whether the samples of a clip are transient."""
    return isinstance(y, _Transient)


def marked_like(source: object, y: NDArray[Any]) -> NDArray[Any]:
    """Give samples derived from others the transient marks of their source."""
    if isinstance(source, _Table):
        return _marked(y, source._transient_rows)
    return as_transient(y) if is_transient(source) else y


def stack_clips(clips: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Stack clips of one length into a table; a row is transient if its clip is."""
    return _marked(np.stack(clips), [is_transient(clip) for clip in clips])
