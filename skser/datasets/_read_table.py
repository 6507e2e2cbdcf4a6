"""Read a spreadsheet file or a DataFrame as a table of text."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from skser.exceptions import AudioError, AudioWarning

LINE = "line of the file"
"""Name of the index of a table that was read from a file: the line of each row, from 1."""

_LARGEST = 2**30
_HEAD = 2**16
"""Number of bytes from which the encoding and the separator are detected."""

PACKAGES = {".xlsx": "openpyxl", ".xlsm": "openpyxl", ".ods": "odf"}
"""Packages that read workbooks, by suffix."""

OTHER_WORKBOOKS = (".xls", ".xlsb", ".numbers", ".fods")
_SEPARATORS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"
_DECIMAL_COMMA = r"\s*[+-]?\d*,\d+\s*"

# Codes such as "01", and labels such as "None", are text.
_AS_TEXT: dict[str, Any] = {"dtype": str, "keep_default_na": False, "na_values": [""]}


def read_table(
    table: str | os.PathLike[str] | pd.DataFrame | pd.Series, sheet: str | int | None = None
) -> tuple[pd.DataFrame, Path, str]:
    """Return a table, the folder that its paths start from, and its name.

    Parameters
    ----------
    table : str, os.PathLike, pandas.DataFrame or pandas.Series
        A text file whose columns are separated by commas, semicolons or tabs; a workbook; or the
        table itself.
    sheet : str or int, default=None
        Name or position of the sheet of a workbook.

    Raises
    ------
    AudioError
        If the table does not exist or cannot be read.
    ImportError
        If the package that reads the workbook is not installed.
    """
    if isinstance(table, pd.DataFrame | pd.Series):
        frame = pd.DataFrame(table).copy()
        _check_names([*frame], "The table")
        return frame, Path(), "table"
    file = Path(table)
    _check_file(file)
    suffix = file.suffix.lower()
    if suffix in PACKAGES:
        frame = _read_workbook(file, PACKAGES[suffix], sheet)
    elif suffix in OTHER_WORKBOOKS:
        raise AudioError(
            f"{str(file)!r}: workbooks of this format cannot be read. Save it as .xlsx, .ods or "
            ".csv."
        )
    elif sheet is not None:
        raise AudioError(
            f"{str(file)!r} has no sheets, but sheet={sheet!r} was given. Omit sheet= (--sheet)."
        )
    else:
        frame = _read_text(file)
    return frame, file.parent, file.stem


def point_decimals(column: pd.Series) -> pd.Series:
    """Return a column of text with decimal points, if its numbers have decimal commas.

    A column is returned unchanged if it also has numbers with points, or anything but numbers.
    """
    text = column.dropna()
    if not len(text) or not text.map(lambda value: isinstance(value, str)).all():
        return column
    has_comma = text.str.fullmatch(_DECIMAL_COMMA)
    if not has_comma.any() or not text[~has_comma].str.fullmatch(r"\s*[+-]?\d+\s*").all():
        return column
    return column.str.replace(",", ".", regex=False)


def _check_file(file: Path) -> None:
    if not file.is_file():
        what = (
            "is a folder, not a table. Load it with load_folder"
            if file.is_dir()
            else "is a device or a pipe. Pass a regular file"
            if file.exists()
            else f"does not exist. Check the path (the current directory is {os.getcwd()!r})"
        )
        raise AudioError(f"{str(file)!r} {what}.")
    if file.stat().st_size > _LARGEST:
        raise AudioError(
            f"{str(file)!r} has {file.stat().st_size / 1e9:.3g} GB, which is too large for a list "
            "of clips. Check the path, or pass a DataFrame."
        )


def _read_text(file: Path) -> pd.DataFrame:
    with open(file, "rb") as opened:
        head = opened.read(_HEAD)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise AudioError(f"{str(file)!r} is empty. List at least one clip.")
    if head.startswith(_ZIP):
        raise AudioError(
            f"{str(file)!r} is a workbook or an archive, not a text file. If it is a workbook, "
            "give it the suffix .xlsx or .ods."
        )
    encoding = _encoding(head)
    how = {"sep": _separator(file, head.decode(encoding, errors="replace")), **_AS_TEXT}
    with _explaining_text(file):
        try:
            frame = _read_columns(file, encoding, how)
        except UnicodeDecodeError:
            # Excel saves "CSV" without "UTF-8" in the code page of Windows.
            frame = _read_columns(file, "cp1252", how)
            warnings.warn(
                f"{str(file)!r} is not in UTF-8 and was read as Windows-1252 (Latin-1). If letters "
                "are wrong, save it in UTF-8.",
                AudioWarning,
                stacklevel=4,
            )
    frame = frame.dropna(how="all")
    return frame


def _read_columns(file: Path, encoding: str, how: dict[str, Any]) -> pd.DataFrame:
    skip = 0
    with open(file, encoding=encoding, newline=None) as opened:
        while (line := opened.readline()) and (not line.strip() or _says_separator(line)):
            skip += 1
    # Lines are counted, so that messages can name them.
    how = {**how, "encoding": encoding, "skiprows": skip, "skip_blank_lines": False}
    # pandas appends a number to repeated names, so the names are read separately.
    names = pd.read_csv(file, header=None, nrows=1, **how).iloc[0]
    frame = pd.read_csv(file, **how)
    _check_names(names.dropna().tolist(), repr(str(file)))
    if not isinstance(frame.index, pd.RangeIndex):
        # pandas uses surplus leading fields as an index.
        raise AudioError(
            f"{str(file)!r}: rows have more fields than the header, which names {len(names)} "
            "columns. Name all columns, or put fields with commas into quotation marks."
        )
    return frame.set_axis(pd.RangeIndex(skip + 2, skip + 2 + len(frame), name=LINE))


@contextmanager
def _explaining_text(file: Path) -> Iterator[None]:
    try:
        yield
    except AudioError:
        raise
    except ValueError as error:
        raise AudioError(
            f"{str(file)!r} cannot be read as a table of text ({error}). Its columns must be "
            "separated by commas, semicolons or tabs. Convert it, or pass a DataFrame."
        ) from error


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Zero bytes of ASCII letters reveal UTF-16 without a byte order mark.
    if b"\0" in head[:4]:
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig"


def _separator(file: Path, head: str) -> str:
    """Return the separator of the columns: the one that occurs most often in the header."""
    if file.suffix.lower() == ".tsv":
        return "\t"
    lines = head.splitlines()
    if lines and _says_separator(lines[0]):
        return lines[0].strip('" ')[-1]
    header = next((line for line in lines if line.strip()), "")
    header = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=header.count)


def _says_separator(line: str) -> bool:
    """Return whether a line declares the separator for Excel: ``sep=;``."""
    return re.fullmatch(r'"?sep=[,;\t|]"?', line.strip("\r\n ")) is not None


def _read_workbook(file: Path, package: str, sheet: str | int | None) -> pd.DataFrame:
    if find_spec(package) is None:
        name = {"odf": "odfpy"}.get(package, package)
        raise ImportError(
            f"{str(file)!r} needs {name}, which is not installed: pip install 'skser[excel]', or "
            "save the table as .csv."
        )
    try:
        with pd.ExcelFile(file, engine=package) as book:
            wanted = _sheet(file, [str(name) for name in book.sheet_names], sheet)
            cells = pd.read_excel(book, sheet_name=wanted, header=None, **_AS_TEXT)
    except (AudioError, ImportError):
        raise
    # The errors that these packages raise for damaged files have no common base class.
    except Exception as error:
        raise AudioError(
            f"{str(file)!r} cannot be read as a workbook ({type(error).__name__}: {error}). Save "
            "it again, or save it as .csv."
        ) from error
    cells = cells.dropna(how="all").dropna(how="all", axis=1)
    if cells.empty:
        raise AudioError(
            f"{str(file)!r}: the sheet {wanted!r} is empty. Pass another one with sheet= (--sheet "
            "in a command)."
        )
    names = [
        name if isinstance(name, str) else f"Unnamed: {i}" for i, name in enumerate(cells.iloc[0])
    ]
    _check_names(names, repr(str(file)))
    rows = cells.iloc[1:].set_axis(names, axis=1)
    return rows.set_axis((rows.index + 1).rename(LINE))


def _sheet(file: Path, names: list[str], sheet: str | int | None) -> str:
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        return names[sheet]
    if sheet is None:
        if len(names) > 1:
            warnings.warn(
                f"{str(file)!r} has the sheets {names}; the first, {names[0]!r}, is read. Name "
                "another one with sheet= (--sheet in a command).",
                AudioWarning,
                stacklevel=5,
            )
        return names[0]
    same = [name for name in names if name.casefold() == str(sheet).strip().casefold()]
    if sheet not in names and len(same) == 1:
        return same[0]
    if sheet not in names:
        raise AudioError(
            f"{str(file)!r} has no sheet {sheet!r}; its sheets are {names}. Correct sheet= "
            "(--sheet in a command)."
        )
    return str(sheet)


def _check_names(names: list[Any], what: str) -> None:
    repeated = [name for i, name in enumerate(names) if name in names[:i]]
    if repeated:
        raise AudioError(
            f"{what} has two columns named {repeated[0]!r}. Rename or remove one of them."
        )
