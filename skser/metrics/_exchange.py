"""Exchange the values of union members or image bands between clips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion

from skser.features._base import AudioExtractor
from skser.preprocessing._ragged import is_ragged


@dataclass(frozen=True)
class Part:
    """Part of the values of each clip that is exchanged as a whole."""

    columns: slice
    """Columns of vectors, or channels of images."""
    rows: slice | None = None
    """Rows of images; None for vectors."""

    def exchange(self, values: NDArray[Any], order: NDArray[np.intp]) -> NDArray[Any]:
        """Replace this part of each clip by that of another clip.

        Parameters
        ----------
        values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
            Values of the clips; an object array of shape (n_clips,) if images differ in length.
        order : ndarray of shape (n_clips,)
            Index of the clip whose part each clip receives.

        Returns
        -------
        exchanged : ndarray
            Values of the same shape. Frames of a shorter image are repeated, and those of a longer
            image are cut.
        """
        exchanged = values.copy()
        if is_ragged(values):
            for place, other in enumerate(order):
                exchanged[place] = self._exchange_frames(values[place], values[other])
        else:
            where = (slice(None), *self._where(values.ndim - 1))
            exchanged[where] = values[where][order]
        return exchanged

    def _exchange_frames(self, image: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        exchanged, where = image.copy(), self._where(image.ndim)
        exchanged[where] = other[where][:, np.arange(image.shape[1]) % other.shape[1]]
        return exchanged

    def _where(self, n_axes: int) -> tuple[slice, ...]:
        """Return the index of the part in the values of a clip with `n_axes` axes."""
        if self.rows is None:
            return (self.columns,)
        return (self.rows, slice(None), *([self.columns] if n_axes == 3 else []))

    def count(self) -> int:
        """Count the values of the part, or its rows if it is part of an image."""
        of = self.columns if self.rows is None else self.rows
        return of.stop - of.start


def parts_of(source: Any, values: NDArray[Any], n_bands: int) -> dict[str, Part]:
    """Return the parts of the values that a fitted union or image feature computes.

    Parameters
    ----------
    source : FeatureUnion or feature
        Fitted transformer.
    values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
        Values that it computed.
    n_bands : int
        Number of bands of each image.

    Returns
    -------
    parts : dict of str to Part
        Parts by name: ``mfcc`` for the member of a union of vectors, ``mel2d[0:16]`` for rows of an
        image.

    Raises
    ------
    ValueError
        If the columns cannot be assigned to members, or images have fewer rows than `n_bands`.
    """
    first = values[0]
    n_columns = first.shape[0] if first.ndim == 1 else first.shape[2] if first.ndim == 3 else 1
    columns = dict(_columns(source, n_columns))
    if first.ndim == 1:
        return {name: Part(slice(*ends)) for name, ends in columns.items()}
    n_rows = first.shape[0]
    if n_bands > n_rows:
        raise ValueError(
            f"n_bands={n_bands} is more than the {n_rows} rows of an image. Pass at most {n_rows}."
        )
    edges = np.linspace(0, n_rows, n_bands + 1).round().astype(int).tolist()
    bands = list(pairwise(edges))
    return {
        f"{name}[{start}:{stop}]": Part(slice(*ends), slice(start, stop))
        for name, ends in columns.items()
        for start, stop in bands
    }


def _columns(source: Any, n_columns: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each member's name and its range of columns or channels."""
    if not isinstance(source, FeatureUnion):
        yield type(source).__name__.lower(), (0, n_columns)
        return
    members = [
        (name, member)
        for name, member in getattr(source, "transformers_", source.transformer_list)
        if not (isinstance(member, str) and member == "drop")
    ]
    widths = {name: _width(member) for name, member in members}
    unknown = [name for name, width in widths.items() if width is None]
    rest = n_columns - sum(width for width in widths.values() if width is not None)
    if len(unknown) > 1 or rest < 0 or (not unknown and rest):
        raise ValueError(
            f"The {n_columns} columns of the union cannot be assigned to its members "
            f"{unknown or list(widths)}. Implement get_feature_names_out in these members."
        )
    start = 0
    for name, width in widths.items():
        stop = start + (rest if width is None else width)
        yield name, (start, stop)
        start = stop


def _width(member: Any) -> int | None:
    """Return the number of columns or channels of a fitted member; None if unknown."""
    if isinstance(member, AudioExtractor):
        shape = member.output_shape_
        if len(shape) == 1:
            return shape[0]
        return shape[2] if len(shape) == 3 else 1
    try:
        return len(member.get_feature_names_out())
    except AttributeError:
        # A pipeline has the method even if one of its steps does not.
        return None
