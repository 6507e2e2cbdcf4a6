"""Find the columns of a table by name or alias."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from skser.exceptions import AudioError, AudioWarning

ALIASES = {
    "path": ("path", "file", "filename", "filepath", "audio"),
    "label": ("label", "emotion"),
    "speaker": ("speaker", "subject", "actor"),
    "start": ("start", "begin", "onset"),
    "end": ("end", "stop", "offset"),
}
"""Accepted names of the columns of a corpus, the name in the frame first. Case, spaces, hyphens and
underscores are ignored."""

_PARAMETERS = {"speaker": "group"}
"""Parameters whose names differ from the name of their column in the frame."""

_WHAT = {
    "path": "the files",
    "label": "the labels",
    "speaker": "the speakers",
    "start": "where clips begin",
    "end": "where clips end",
}


class AdvisedError(AudioError):
    """An error whose advice differs between Python and the command line.

    Parameters
    ----------
    problem : str
        What is wrong.
    advice : str
        What to do in Python, with the arguments of a function.
    for_command : str
        What to do on the command line, with its flags.
    """

    def __init__(self, problem: str, advice: str, for_command: str) -> None:
        super().__init__(f"{problem} {advice}".lstrip())
        self.for_command = f"{problem} {for_command}".lstrip()
        """The message with the flags of a command instead of the arguments of a function."""


class ColumnError(AdvisedError):
    """A column of a table is missing or ambiguous.

    Parameters
    ----------
    problem : str
        What is wrong.
    columns : sequence of str
        Columns that the user may have to name, by their names in the frame.
    """

    def __init__(self, problem: str, columns: Sequence[str]) -> None:
        super().__init__(
            problem, _advice(columns, "{}=", _PARAMETERS), _advice(columns, "--{}", {})
        )


def _advice(columns: Sequence[str], form: str, names: Mapping[str, str]) -> str:
    return (
        "; ".join(
            f"{'Name' if i == 0 else 'name'} the column of {_WHAT[column]} with "
            f"{form.format(names.get(column, column))}"
            for i, column in enumerate(columns)
        )
        + "."
    )


def find_columns(table: pd.DataFrame, wanted: Mapping[str, str | None]) -> dict[str, Any]:
    """Find the columns of a corpus in a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Table to search.
    wanted : mapping of str to str or None
        For some keys of `ALIASES`, the column that the user names. If None, the column is found by
        its aliases.

    Returns
    -------
    found : dict
        Mapping from the name in the frame to the name in the table, for the columns that exist.

    Raises
    ------
    ColumnError
        If files or labels are wanted but have no column, a named column is missing, or two columns
        match.
    """
    found = {}
    for standard, name in wanted.items():
        found[standard] = _alias(table, standard) if name is None else _named(table, name, standard)
    required = [standard for standard in ("path", "label") if standard in wanted]
    missing = [standard for standard in required if found[standard] is None]
    if missing:
        names = " and ".join(
            f"of {_WHAT[standard]} ({', '.join(ALIASES[standard])})" for standard in missing
        )
        raise ColumnError(f"The table has no column {names}. It has {_listed(table)}.", missing)
    return {standard: column for standard, column in found.items() if column is not None}


def _named(table: pd.DataFrame, name: str, standard: str) -> Any:
    if name in table:
        return name
    same = [column for column in table if str(column).strip().lower() == name.strip().lower()]
    if len(same) != 1:
        raise ColumnError(f"The table has no column {name!r}. It has {_listed(table)}.", [standard])
    return same[0]


def _alias(table: pd.DataFrame, standard: str) -> Any:
    known = ALIASES[standard]
    found = [column for column in table if _plain(column) in known]
    if set(found) == {"label", "emotion"}:
        # The frame of every corpus has both columns.
        return "label"
    if len(found) > 1:
        if standard not in found:
            raise ColumnError(
                f"The table has the columns {' and '.join(map(repr, found))}, and each may be the "
                f"column of {_WHAT[standard]}.",
                [standard],
            )
        others = [column for column in found if column != standard]
        warnings.warn(
            f"The table has the columns {' and '.join(map(repr, [standard, *others]))}, and each "
            f"may be the column of {_WHAT[standard]}; {standard!r} is used. To use the other one, "
            f"name it with {_PARAMETERS.get(standard, standard)}= (--{standard} in a command).",
            AudioWarning,
            stacklevel=4,
        )
        return standard
    return found[0] if found else None


def _plain(column: object) -> str:
    return re.sub(r"[\s_-]", "", str(column)).lower()


def _listed(table: pd.DataFrame) -> str:
    return f"the columns {[str(column) for column in table]}"
