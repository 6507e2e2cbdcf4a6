"""Write the tables of commands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skser._files import check_writable, writing
from skser._text import visible

_NEEDED = {".parquet": ("pyarrow", "parquet"), ".xlsx": ("openpyxl", "excel")}
"""Packages that write a format, and the extras that install them."""

_MOST_ROWS, _MOST_COLUMNS = 2**20, 2**14
"""Maximum size of a sheet of a workbook."""

# Characters that the cells of a workbook must not contain.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def check_table(path: Path, suffixes: Sequence[str] = (".csv", ".xlsx")) -> None:
    """Raise before the computation if a table cannot be written to a file.

    Parameters
    ----------
    path : Path
        File to write.
    suffixes : sequence of str
        Suffixes of the allowed formats.

    Raises
    ------
    ValueError
        If the file has another suffix.
    ImportError
        If the package that writes the format is not installed.
    OSError
        If the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        raise ValueError(f"{str(path)!r}: name a {' or a '.join(suffixes)} file.")
    package, extra = _NEEDED.get(suffix, (None, None))
    if package is not None and find_spec(package) is None:
        raise ImportError(
            f"A {suffix} file needs {package}: pip install {package} (the extra `{extra}`), or "
            "name a .csv file."
        )
    check_writable(path)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as text, as a workbook or as parquet, by the suffix of the file.

    Parameters
    ----------
    table : pandas.DataFrame
        Table to write.
    path : Path
        File to write, completely or not at all.

    Raises
    ------
    ValueError
        If the table has too many rows or columns for a workbook.
    """
    with writing(path) as temporary:
        match path.suffix.lower():
            case ".parquet":
                table.to_parquet(temporary, index=False)
            case ".xlsx":
                _write_workbook(table, temporary)
            case _:
                # Names that are not valid text are written with their original bytes, so that the
                # files can be found.
                table.to_csv(temporary, index=False, errors="surrogateescape")


def _write_workbook(table: pd.DataFrame, path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    if len(table) >= _MOST_ROWS or table.shape[1] > _MOST_COLUMNS:
        raise ValueError(
            f"A workbook has at most {_MOST_ROWS - 1} rows and {_MOST_COLUMNS} columns, but the "
            f"table has {len(table)} and {table.shape[1]}. Write a .csv file."
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def cell(value: Any) -> Any:
        if pd.isna(value):
            return None
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool | int | float) and np.isfinite(value):
            return value
        text = WriteOnlyCell(sheet, _CONTROL.sub(lambda found: visible(found[0]), str(value)))
        # A label such as "=A1" must not become a formula.
        text.data_type = "s"
        return text

    for row in ([*table], *table.astype(object).itertuples(index=False, name=None)):
        sheet.append([cell(value) for value in row])
    book.save(path)


def columns_of(frame: pd.DataFrame, names: Collection[str]) -> dict[str, Any]:
    """Return the columns with given names that exist in a frame and are not empty.

    Parameters
    ----------
    frame : pandas.DataFrame
        Frame of a corpus.
    names : collection of str
        Names of columns.

    Returns
    -------
    columns : dict
        Columns by name.
    """
    return {name: frame[name] for name in names if name in frame and frame[name].notna().any()}


def apart_from(columns: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Rename the columns of a user whose names are taken.

    Parameters
    ----------
    columns : mapping
        Columns of the user by name.
    names : collection of str
        Names that the other columns of the table have.

    Returns
    -------
    columns : dict
        The same columns. One whose name is taken is renamed, for example to "fold (table)".
    """
    renamed: dict[str, Any] = {}
    for name, values in columns.items():
        other = name
        while other in names or other in renamed or (other != name and other in columns):
            other = f"{other} (table)"
        renamed[other] = values
    return renamed


def own_columns(frame: pd.DataFrame, *, but: Collection[str]) -> dict[str, Any]:
    """Return the columns of a frame that are not empty, except for the given ones.

    Parameters
    ----------
    frame : pandas.DataFrame
        Frame of a corpus.
    but : collection of str
        Names of columns to leave out.

    Returns
    -------
    columns : dict
        Columns by name.
    """
    return columns_of(frame, [name for name in frame if name not in but])
