"""Columns of the tables that commands write."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from skser._files import check_writable


def check_csv(path: Path) -> None:
    """Raise if a file is not named .csv or cannot be written: before the work, not after."""
    if path.suffix.lower() != ".csv":
        raise ValueError(f"{str(path)!r}: name a .csv file.")
    check_writable(path)


def columns_of(frame: pd.DataFrame, names: Collection[str]) -> dict[str, Any]:
    """Return the columns of these names that a frame has and that are not empty, as they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        Frame of a corpus.
    names : collection of str
        Names of columns.

    Returns
    -------
    columns : dict
        From name to values.
    """
    return {name: frame[name] for name in names if name in frame and frame[name].notna().any()}


def own_columns(frame: pd.DataFrame, *, but: Collection[str]) -> dict[str, Any]:
    """Return the columns of a frame that are not empty, except for those named.

    Parameters
    ----------
    frame : pandas.DataFrame
        Frame of a corpus.
    but : collection of str
        Names that are taken.

    Returns
    -------
    columns : dict
        From name to values.
    """
    return columns_of(frame, [name for name in frame if name not in but])
