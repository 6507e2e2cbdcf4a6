from __future__ import annotations

import os
from dataclasses import dataclass

import pandas as pd

from skser.audio import Segment
from skser.datasets._columns import AdvisedError, find_columns
from skser.datasets._load_table import (
    as_numbers,
    existing_files,
    folder_of_paths,
    places_of,
    without_blanks,
    wrong_times,
)
from skser.datasets._read_table import OTHER_WORKBOOKS, PACKAGES, point_decimals, read_table
from skser.exceptions import AudioError

TABLE_SUFFIXES = (".csv", ".tsv", *PACKAGES, *OTHER_WORKBOOKS)
"""Suffixes that distinguish tables from clips."""


@dataclass(frozen=True)
class Clips:
    """The clips that a table lists, which need no labels."""

    items: list[str | Segment | AudioError]
    """The clip of each row, or the error that says why the row names none."""
    paths: list[str | None]
    """The file of each row; None if the row names none."""
    own: pd.DataFrame
    """The other columns of the table."""


def read_clips(
    table: str | os.PathLike[str],
    *,
    path: str | None = None,
    start: str | None = None,
    end: str | None = None,
    sheet: str | None = None,
    root: str | os.PathLike[str] | None = None,
) -> Clips:
    """Read the clips that a table lists, without labels.

    Parameters
    ----------
    table, path, start, end, sheet, root
        As for `load_table`.

    Returns
    -------
    clips : Clips
        A clip for each row. A row without a file or with invalid times has an error instead, so
        that it does not stop the others. Whether the files can be read is not checked.

    Raises
    ------
    AudioError
        If the table or the column of its files is missing, the table is empty, or none of its files
        exists.
    ImportError
        If the package that reads the workbook is not installed.
    """
    frame, folder, name = read_table(table, sheet)
    if frame.empty:
        raise AudioError(f"The table of {name!r} is empty. List at least one clip.")
    folder = folder_of_paths(root, folder)
    found = find_columns(frame, {"path": path, "start": start, "end": end})
    places = places_of(frame.index)
    frame = frame.reset_index(drop=True)
    own = {
        column: as_numbers(point_decimals(frame[column]))
        for column in frame
        if column not in found.values()
    }
    files = without_blanks(frame[found["path"]]).dropna()
    if files.empty:
        raise AdvisedError(
            f"{str(table)!r} has no file in the column {found['path']!r}.",
            "Name the right column with path=.",
            "Name the right column with --path.",
        )
    existing = existing_files(files, folder, [places[row] for row in files.index], "keep")
    path_of = dict(zip(files.index, existing, strict=True))
    said: dict[str, pd.Series] = {
        name: point_decimals(frame[found[name]]) for name in ("start", "end") if name in found
    }
    wrong = wrong_times(pd.DataFrame(said, index=frame.index))
    items: list[str | Segment | AudioError] = []
    for row, place in enumerate(places):
        start_, end_ = (_seconds(said, name, row) for name in ("start", "end"))
        if row not in path_of:
            items.append(AudioError(f"{place} of {str(table)!r} names no file"))
        elif row in wrong:
            items.append(AudioError(f"{place} of {str(table)!r} has {wrong[row]}"))
        elif start_ is None and end_ is None:
            items.append(path_of[row])
        else:
            items.append(Segment(path_of[row], start_ or 0.0, end_))
    return Clips(
        items,
        [path_of.get(row) for row in range(len(places))],
        pd.DataFrame(own, index=frame.index),
    )


def _seconds(times: dict[str, pd.Series], name: str, row: int) -> float | None:
    """Return a time of a row; None if it is missing or not a number."""
    time = pd.to_numeric(times[name].iloc[row], errors="coerce") if name in times else None
    return None if time is None or pd.isna(time) else float(time)
