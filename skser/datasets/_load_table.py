from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skser.datasets._corpus import COLUMNS, make_bunch, make_frame
from skser.datasets._emotions import to_emotions
from skser.exceptions import AudioError, AudioWarning

_LARGEST = 2**30


def load_table(
    table: str | os.PathLike[str] | pd.DataFrame,
    *,
    path: str = "path",
    label: str = "label",
    group: str = "speaker",
    start: str = "start",
    end: str = "end",
    root: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    name: str | None = None,
) -> Bunch:
    """Load a corpus that a table lists.

    Parameters
    ----------
    table : str, os.PathLike or pandas.DataFrame
        A csv file (tsv: separated by tabs) of 1 GiB at most, or the table itself. The frame of
        any corpus, saved by ``frame.to_csv``, loads as it was. Beside the columns named below,
        those of the common frame (sex, language, sentence, intensity, corpus) are taken over, and
        the others are put behind.
    path, label : str, default="path" and "label"
        Columns of the files and of their labels.
    group : str, default="speaker"
        Column of the speakers. Where the table has no "speaker", ``groups`` is None.
    start, end : str, default="start" and "end"
        Columns of where a clip begins and ends in its file, in seconds. Where neither is given
        the clip is the whole file; a missing start is 0, a missing end that of the file. Of these
        columns and that of the speakers, one of another name than the default must be there.
    root : str or os.PathLike, default=None
        Folder that relative paths begin in. None: that of the csv file, or the current one.
    map_labels : dict, default=None
        From label, as it is or by its common name, to emotion; None as the emotion leaves a
        label's clips out. Other labels get their name in the common vocabulary ("anger":
        "angry"), or stay as they are. Where `label` is "label" and the table has a column
        ``emotion``, this takes the place of the label's own name.
    name : str, default=None
        Name of the corpus, where the table has no column ``corpus``. None: that of the csv file.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as from `load_ravdess`; where start
        or end are given, data holds `Segment`.

    Raises
    ------
    AudioError
        If the table or its columns are missing, or a column is there twice, or rows lack a file or
        a label, or have times that are none.

    Warns
    -----
    AudioWarning
        If some rows have no speaker, so that ``groups`` is None; or if a clip is there twice.

    Examples
    --------
    >>> from skser import load_table
    >>> corpus = load_table("clips.csv", path="wav", label="emotion")  # doctest: +SKIP
    """
    frame, folder, file_name = read_table(table)
    names = {"path": path, "label": label, "speaker": group, "start": start, "end": end}
    missing = [column for column in (path, label) if column not in frame]
    if missing:
        raise AudioError(
            f"The table has no column {missing[0]!r}, but {list(frame)}. Name the columns of files "
            "and labels: path=, label=."
        )
    for standard, parameter in (("speaker", "group"), ("start", "start"), ("end", "end")):
        check_named(frame, names[standard], standard, parameter)
    given = {standard: frame[column] for standard, column in names.items() if column in frame}
    # A table's emotion belongs to its column "label", not to another one that is asked for.
    taken = {*names.values(), *given, *(() if label == "label" else ("emotion",))}
    rest = {column: frame[column] for column in frame if column not in taken}
    columns: dict[Any, pd.Series] = {**given, **rest}
    return corpus_from_table(
        pd.DataFrame(columns),
        map_labels,
        file_name if name is None else name,
        "a table",
        folder if root is None else Path(root),
    )


def read_table(
    table: str | os.PathLike[str] | pd.DataFrame | pd.Series,
) -> tuple[pd.DataFrame, Path, str]:
    """Return a table, the folder that its paths begin in, and its name."""
    if isinstance(table, pd.DataFrame | pd.Series):
        frame = pd.DataFrame(table).copy()
        _check_columns([*frame], "The table")
        return frame, Path(), "table"
    file = Path(table)
    if not file.is_file():
        what = (
            "is a folder, and no table. Load it with load_folder"
            if file.is_dir()
            else "is a device or a pipe. Pass a regular file"
            if file.exists()
            else f"is no such table. Check the path (now in {os.getcwd()!r})"
        )
        raise AudioError(f"{str(file)!r} {what}.")
    if file.stat().st_size > _LARGEST:
        raise AudioError(
            f"{str(file)!r} has {file.stat().st_size / 1e9:.3g} GB: no list of clips is as long. "
            "Check the path, or pass a DataFrame."
        )
    # Codes such as "01", and labels such as "None", are text.
    how: dict[str, Any] = {
        "sep": "\t" if file.suffix.lower() == ".tsv" else ",",
        "dtype": str,
        "keep_default_na": False,
        "na_values": [""],
    }
    try:
        # pandas gives a name that is there twice a number.
        names = pd.read_csv(file, header=None, nrows=1, **how).iloc[0]
        frame = pd.read_csv(file, **how)
    except ValueError as error:
        raise AudioError(
            f"{str(file)!r} is no table of comma-separated values in UTF-8 ({error}). Convert it, "
            "or pass a DataFrame."
        ) from error
    _check_columns(names.dropna().tolist(), repr(str(file)))
    if not isinstance(frame.index, pd.RangeIndex):
        # pandas takes what comes first for an index.
        raise AudioError(
            f"{str(file)!r}: rows have more fields than the header, which names {len(names)} "
            "columns. Name the others, or put fields with commas into quotation marks."
        )
    return frame, file.parent, file.stem


def check_named(table: pd.DataFrame, column: str, default: str, parameter: str) -> None:
    """Raise if a table has not got a column that is not the default, but asked for."""
    if column != default and column not in table:
        raise AudioError(
            f"The table has no column {column!r}, but {list(table)}. Correct {parameter}=."
        )


def _check_columns(names: list[Any], what: str) -> None:
    repeated = [name for i, name in enumerate(names) if name in names[:i]]
    if repeated:
        raise AudioError(f"{what} has two columns {repeated[0]!r}. Rename or remove one of them.")


def corpus_from_table(
    table: pd.DataFrame,
    map_labels: Mapping[Any, str | None] | None,
    name: str,
    what: str,
    root: Path,
) -> Bunch:
    """Make a corpus of a table with the columns path and label, and others of the schema."""
    if table.empty:
        raise AudioError(f"The table of {name!r} is empty. List one clip at least.")
    table = table.reset_index(drop=True)
    for column in {"path", "label", "speaker", "emotion"} & {*table}:
        table[column] = _without_blanks(table[column])
    for column, value in (("path", "file"), ("label", "label")):
        _check_given(table[column], value)
    table["path"] = _existing(table["path"], root)
    _check_times(table)
    emotion = to_emotions(table["label"], map_labels, table.get("emotion"))
    table["emotion"] = emotion
    table = table[emotion.notna()]
    if table.empty:
        raise AudioError(f"map_labels leaves no clip of {name!r}. Map a label to an emotion.")
    for doubt in (_some_speakers(table), _repeated_clips(table)):
        if doubt is not None:
            warnings.warn(doubt, AudioWarning, stacklevel=3)
    rows = [
        {"corpus": name, **{k: v for k, v in row.items() if k in COLUMNS and not pd.isna(v)}}
        for row in table.to_dict("records")
    ]
    others = table.drop(columns=[*COLUMNS], errors="ignore").reset_index(drop=True)
    frame = make_frame(rows).join(others.apply(_as_numbers))
    return make_bunch(frame, f"{name}: {len(frame)} clips of {what}.")


def _without_blanks(values: pd.Series) -> pd.Series:
    """Return a column without text that is empty, or nothing but spaces."""
    return values.mask(np.array([isinstance(value, str) and not value.strip() for value in values]))


def _some_speakers(table: pd.DataFrame) -> str | None:
    if "speaker" not in table:
        return None
    missing = table.index[table["speaker"].isna()]
    if len(missing) in (0, len(table)):
        return None
    return (
        f"{len(missing)} of {len(table)} rows of the table have no speaker; row {missing[0]} (from "
        "0) is the first. Therefore corpus.groups is None, and no split can keep speakers apart. "
        "Complete or remove these rows."
    )


def _repeated_clips(table: pd.DataFrame) -> str | None:
    clips = table.reindex(columns=["path", "start", "end"])
    clips = clips.assign(
        path=clips["path"].map(os.path.normpath), **clips[["start", "end"]].apply(pd.to_numeric)
    )
    repeated = clips.index[clips.duplicated()]
    if not len(repeated):
        return None
    return (
        f"{len(repeated)} of {len(table)} rows of the table have the clip of an earlier row; row "
        f"{repeated[0]} (from 0), of {table.loc[repeated[0], 'path']!r}, is the first. A split can "
        "put one of them on each side. Remove these rows."
    )


def _check_given(values: pd.Series, what: str) -> None:
    missing = np.flatnonzero(values.isna())
    if missing.size:
        raise AudioError(
            f"{missing.size} of {len(values)} rows of the table have no {what}; row {missing[0]} "
            "(from 0) is the first. Complete or remove them."
        )


def _existing(paths: pd.Series, root: Path) -> list[str]:
    wrong = [i for i, path in enumerate(paths) if not isinstance(path, str | os.PathLike)]
    if wrong:
        raise AudioError(
            f"{len(wrong)} of {len(paths)} rows of the table have no path in the column of files; "
            f"row {wrong[0]} (from 0) has {paths.iloc[wrong[0]]!r}. Name the right column: path=."
        )
    resolved = [str(root / path) for path in paths]
    missing = [i for i, path in enumerate(resolved) if not os.path.isfile(path)]
    if missing:
        first = resolved[missing[0]]
        raise AudioError(
            f"{len(missing)} of {len(resolved)} files of the table are missing"
            f"{' or no regular files' if os.path.exists(first) else ''}; "
            f"{first!r} (row {missing[0]}, from 0) is the first. Relative paths "
            f"begin in root={str(root)!r} (now in {os.getcwd()!r}): pass another root, or remove "
            "the rows."
        )
    return resolved


def _check_times(table: pd.DataFrame) -> None:
    times = table.reindex(columns=["start", "end"])
    numbers = times.apply(pd.to_numeric, errors="coerce")
    start, end = numbers["start"].fillna(0), numbers["end"].fillna(np.inf)
    is_none = (numbers.isna() & times.notna()) | np.isinf(numbers)
    wrong = is_none.any(axis=1) | ~((start >= 0) & (start < end))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise AudioError(
            f"{wrong.sum()} of {len(table)} rows of the table have no valid times; row {row} (from "
            f"0) has start={_shown(times['start'].iloc[row])}, "
            f"end={_shown(times['end'].iloc[row])}. Give seconds, 0 <= start < end."
        )


def _shown(time: Any) -> str:
    number = pd.to_numeric(time, errors="coerce")
    return "missing" if pd.isna(time) else repr(time) if pd.isna(number) else f"{number:g}"


def _as_numbers(column: pd.Series) -> pd.Series:
    """Return a column that was read as text as numbers, if it holds nothing else."""
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column
