from __future__ import annotations

import os
import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skser.audio._ffmpeg import HOW_TO_INSTALL, has_ffmpeg
from skser.audio._files import FFMPEG_SUFFIXES
from skser.datasets._columns import AdvisedError, find_columns
from skser.datasets._corpus import COLUMNS, make_bunch, make_frame
from skser.datasets._emotions import Emotions, same_but_for_case, spellings, to_emotions
from skser.datasets._read_table import LINE, point_decimals, read_table
from skser.exceptions import AudioError, AudioWarning

# Codes, which look like numbers but would not be written like this if they were.
_CODE = re.compile(r"[+-]?0\d+(\.\d*)?|[+-]?[\d.]+[eE]\d+")

_MOST_NAMED = 10
"""Maximum number of missing files that a message names."""

_OF_HEADERS = ("duration", "sample_rate")
"""Columns of the frame that are read from the headers of the files."""


def load_table(
    table: str | os.PathLike[str] | pd.DataFrame,
    *,
    path: str | None = None,
    label: str | None = None,
    group: str | None = None,
    start: str | None = None,
    end: str | None = None,
    sheet: str | int | None = None,
    root: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
    missing: Literal["raise", "keep"] = "raise",
) -> Bunch:
    """Load a corpus from a table that lists its clips.

    In a terminal or a notebook, a progress bar is shown if reading the headers of the files takes
    longer than two seconds.

    Parameters
    ----------
    table : str, os.PathLike or pandas.DataFrame
        A text file (csv, tsv) of at most 1 GiB with columns separated by commas, semicolons or
        tabs; a workbook (xlsx, ods; ``pip install 'skser[excel]'``); or the table itself. Text may
        be in UTF-8, UTF-16 or Windows-1252 (Latin-1). The frame of any corpus, saved with
        ``frame.to_csv``, loads unchanged. All other columns of the table are kept in
        ``corpus.frame``: the columns of the common frame (sex, language, sentence, intensity,
        corpus) in their usual place, the others after them. If the columns duration or sample_rate
        differ from the values of the files, they are renamed "duration (table)" and "sample_rate
        (table)".
    path, label : str, default=None
        Columns of the files and of their labels. If `path` is None, the column named path, file,
        filename, filepath or audio is used; if `label` is None, the column named label or emotion.
        Case, spaces, hyphens and underscores are ignored.
    group : str, default=None
        Column of the speakers. If None, the column named speaker, subject or actor is used; if the
        table has none of these, ``groups`` is None.
    start, end : str, default=None
        Columns of the start and end of each clip in its file, in seconds, with a decimal point or a
        decimal comma. If None, the columns named start, begin or onset, and end, stop or offset are
        used. If the table has none of these, each clip is a whole file. A missing start stands for
        0, a missing end for the end of the file.
    sheet : str or int, default=None
        Name or position (from 0) of the sheet of a workbook. If None, the first sheet is read.
    root : str or os.PathLike, default=None
        Folder that relative paths start from. If None, the folder of the table's file is used, or
        the current directory if `table` is a DataFrame.
    map_labels : dict, default=None
        Mapping from labels, as given or by their common names, to emotions. Clips whose label is
        mapped to None are left out. If `label` is None and the table has both columns ``label``
        and ``emotion``, the emotion comes from the latter.
    emotions : {"given", "canonical"}, default="given"
        How to name the emotions. "given" keeps the labels as they are. "canonical" replaces each
        label by its name in the common vocabulary, if it has one ("anger" and "Angry" become
        "angry").
    name : str, default=None
        Name of the corpus, if the table has no column ``corpus``. If None, the name of the file is
        used.
    missing : {"raise", "keep"}, default="raise"
        How to treat missing files: raise an error, or keep their clips, so that `check_clips`
        reports them and `drop_unreadable` leaves them out. It is always an error if all files are
        missing.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`; if start
        or end is given, data contains `Segment` objects.

    Raises
    ------
    AudioError
        If the table, the folder `root` or a column is missing, a column occurs twice, two columns
        match the same role, no row has a label, or a row lacks a file or has invalid times.
    ImportError
        If the package that reads the workbook is not installed.

    Warns
    -----
    AudioWarning
        If some rows have no label, which are left out (``corpus.skipped`` counts them); if some
        rows have no speaker, so that ``groups`` is None; if a clip occurs more than once;
        if labels differ only in case; if two columns match the same role and one of them, which is
        used, has the name of the frame's column; if a workbook has several sheets; or if a text
        file is not in UTF-8.

    See Also
    --------
    load_textgrid, load_elan : Load annotations of long recordings.

    Examples
    --------
    >>> from skser import load_table
    >>> corpus = load_table("clips.csv", path="wav", label="emotion")  # doctest: +SKIP
    """
    if missing not in ("raise", "keep"):
        raise ValueError(f"missing={missing!r} is unknown. Pass 'raise' or 'keep'.")
    frame, folder, file_name = read_table(table, sheet)
    start_of_paths = folder_of_paths(root, folder)
    wanted = {"path": path, "label": label, "speaker": group, "start": start, "end": end}
    found = find_columns(frame, wanted)
    # The frame of a corpus has both. A column that the user names is the emotion itself.
    replaced = {*wanted, *(() if label is None and found["label"] == "label" else ("emotion",))}
    columns: dict[Any, pd.Series] = {name: frame[column] for name, column in found.items()}
    for column in frame:
        if column not in found.values():
            columns[f"{column} (table)" if column in replaced else column] = frame[column]
    return corpus_from_table(
        pd.DataFrame(columns),
        map_labels,
        file_name if name is None else name,
        "a table",
        start_of_paths,
        emotions,
        missing=missing,
    )


def folder_of_paths(root: str | os.PathLike[str] | None, folder: Path) -> Path:
    """Return the folder that relative paths in a table start from, by default a given folder."""
    if root is None:
        return folder
    if not Path(root).is_dir():
        given = repr(os.fspath(root))
        what = (
            f"is not a folder (the current directory is {os.getcwd()!r}). Pass the folder that "
            "relative paths in the table start from."
        )
        raise AdvisedError("", f"root={given} {what}", f"--root {given} {what}")
    return Path(root)


def corpus_from_table(
    table: pd.DataFrame,
    map_labels: Mapping[Any, str | None] | None,
    name: str,
    what: str,
    root: Path,
    emotions: Emotions = "given",
    skipped: Mapping[str, int] | None = None,
    missing: Literal["raise", "keep"] = "raise",
) -> Bunch:
    """Build a corpus from a table with the columns path, label and others of the schema."""
    if table.empty:
        raise AudioError(f"The table of {name!r} is empty. List at least one clip.")
    places = places_of(table.index)
    table = table.reset_index(drop=True)
    n_given = len(table)
    for column in {"path", "label", "speaker", "emotion"} & {*table}:
        table[column] = without_blanks(table[column])
    for column in {"label", "speaker", "emotion"} & {*table}:
        table[column] = table[column].map(_composed)
    labelled = np.flatnonzero(table["label"].notna())
    unlabelled = _without_labels(table["label"], places)
    table = table.iloc[labelled].reset_index(drop=True)
    places = [places[row] for row in labelled]
    _check_files_given(table["path"], places)
    table["path"] = existing_files(table["path"], root, places, missing)
    for column in {*table} - {"path", "label", "speaker", "emotion", "corpus"}:
        table[column] = point_decimals(table[column])
    _check_times(table, places)
    emotion = to_emotions(table["label"], map_labels, table.get("emotion"), emotions)
    table["emotion"] = emotion
    n_rows = len(table)
    table = table[emotion.notna()]
    if table.empty:
        raise AudioError(
            f"map_labels leaves no clips of {name!r}. Map at least one label to an emotion."
        )
    doubts = (
        unlabelled,
        _some_speakers(table, places),
        _repeated_clips(table, places),
        spellings(table["emotion"]),
        _spelled_speakers(table),
        _without_ffmpeg(table["path"]),
    )
    for doubt in doubts:
        if doubt is not None:
            warnings.warn(doubt, AudioWarning, stacklevel=3)
    known = [column for column in COLUMNS if column in table and column not in _OF_HEADERS]
    rows = [
        {"corpus": name, **{k: v for k, v in row.items() if not pd.isna(v)}}
        for row in table[known].to_dict("records")
    ]
    others = table.drop(columns=known).reset_index(drop=True).apply(as_numbers)
    frame = make_frame(rows)
    frame = frame.join(_beside(frame, others))
    corpus = make_bunch(frame, f"{name}: {len(frame)} clips of {what}.")
    left_out = {
        **(skipped or {}),
        "rows without a label": n_given - n_rows,
        "clips that map_labels leaves out": n_rows - len(table),
    }
    corpus.skipped = {what: n for what, n in left_out.items() if n}
    return corpus


def without_blanks(values: pd.Series) -> pd.Series:
    """Return a column with text that is empty or blank marked as missing."""
    return values.mask(np.array([isinstance(value, str) and not value.strip() for value in values]))


def _some_speakers(table: pd.DataFrame, places: Sequence[str]) -> str | None:
    if "speaker" not in table:
        return None
    missing = table.index[table["speaker"].isna()]
    if len(missing) in (0, len(table)):
        return None
    return (
        f"{len(missing)} of {len(table)} rows of the table have no speaker; the first is "
        f"{places[missing[0]]}. The speakers of all clips therefore count as unknown "
        "(corpus.groups is None), and no split can keep speakers apart. Complete or remove these "
        "rows."
    )


def _spelled_speakers(table: pd.DataFrame) -> str | None:
    if "speaker" not in table or (pair := same_but_for_case(table["speaker"])) is None:
        return None
    return (
        f"{pair[0]!r} and {pair[1]!r} are two speakers. If they are the same person, spell them "
        "alike, or this person may be in both training and test."
    )


def _repeated_clips(table: pd.DataFrame, places: Sequence[str]) -> str | None:
    clips = table.reindex(columns=["path", "start", "end"])
    clips = clips.assign(
        path=clips["path"].map(os.path.normpath), **clips[["start", "end"]].apply(pd.to_numeric)
    )
    repeated = clips.index[clips.duplicated()]
    if not len(repeated):
        return None
    way_out = "Remove these rows."
    if not {"start", "end"} & {*table}:
        way_out = (
            "Remove these rows. If the rows are parts of a file, name the columns of their times "
            "with start= and end= (--start and --end in a command)."
        )
    return (
        f"{len(repeated)} of {len(table)} rows of the table repeat the clip of an earlier row; the "
        f"first is {places[repeated[0]]} with {table.loc[repeated[0], 'path']!r}. A split could "
        f"put copies of a clip on both sides. {way_out}"
    )


def _without_ffmpeg(paths: pd.Series) -> str | None:
    needing = [path for path in paths if Path(path).suffix.lower() in FFMPEG_SUFFIXES]
    if not needing or has_ffmpeg():
        return None
    return (
        f"{len(needing)} of {len(paths)} clips cannot be read without ffmpeg, which is not "
        f"installed; the first is {needing[0]!r}. {HOW_TO_INSTALL}, or convert them."
    )


def _without_labels(labels: pd.Series, places: Sequence[str]) -> str | None:
    missing = np.flatnonzero(labels.isna())
    if not missing.size:
        return None
    if missing.size == len(labels):
        raise AdvisedError(
            "No row of the table has a label.",
            "Complete the labels, or name the right column with label=.",
            "Complete the labels, or name the right column with --label.",
        )
    return (
        f"{missing.size} of {len(labels)} rows of the table have no label and are left out; the "
        f"first is {places[missing[0]]}. Complete their labels if they belong to the corpus."
    )


def _check_files_given(files: pd.Series, places: Sequence[str]) -> None:
    missing = np.flatnonzero(files.isna())
    if missing.size:
        raise AudioError(
            f"{missing.size} of {len(files)} rows of the table have no file; the first is "
            f"{places[missing[0]]}. Complete or remove them."
        )


def existing_files(
    paths: pd.Series, root: Path, places: Sequence[str], missing: Literal["raise", "keep"]
) -> list[str]:
    """Return the paths of files, of which some may be missing, but not all."""
    wrong = [i for i, path in enumerate(paths) if not isinstance(path, str | os.PathLike)]
    if wrong:
        raise AdvisedError(
            f"{len(wrong)} of {len(paths)} rows of the table have no path in the column of files; "
            f"{places[wrong[0]]} has {paths.iloc[wrong[0]]!r}.",
            "Name the right column with path=.",
            "Name the right column with --path.",
        )
    resolved = [_as_on_disk(str(root / path)) for path in paths]
    gone = [i for i, path in enumerate(resolved) if not os.path.isfile(path)]
    special = any(os.path.exists(resolved[i]) for i in gone)
    if gone and (missing == "raise" or special or len(gone) == len(resolved)):
        named = "; ".join(f"{places[i]}: {resolved[i]!r}" for i in gone[:_MOST_NAMED])
        more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
        raise AdvisedError(
            f"{len(gone)} of {len(resolved)} files of the table are missing"
            f"{' or not regular files' if special else ''} ({named}{more}). Relative paths start "
            f"from {str(root)!r} (the current directory is {os.getcwd()!r}).",
            "Pass another root=, correct the paths, or remove the rows.",
            "Name the folder that they start from with --root, or correct the paths.",
        )
    return resolved


def _as_on_disk(path: str) -> str:
    """Return a path with its accents as on disk: composed, or decomposed as macOS does."""
    if path.isascii() or os.path.isfile(path):
        return path
    forms = (unicodedata.normalize(form, path) for form in ("NFC", "NFD"))
    return next((form for form in forms if os.path.isfile(form)), path)


def _composed(value: Any) -> Any:
    """Return text with its accents composed, so that equal names compare equal."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def places_of(index: pd.Index) -> list[str]:
    """Describe where each row is: by its line in the file, or else by its position in the table."""
    if index.name == LINE:
        return [f"line {line}" for line in index]
    return [f"row {row} (from 0)" for row in range(len(index))]


def _check_times(table: pd.DataFrame, places: Sequence[str]) -> None:
    wrong = wrong_times(table)
    if wrong:
        row, what = next(iter(wrong.items()))
        raise AudioError(
            f"{len(wrong)} of {len(table)} rows of the table have no valid times; {places[row]} "
            f"has {what}"
        )


def wrong_times(table: pd.DataFrame) -> dict[int, str]:
    """Return what is wrong with the times of a row, by its position, for rows with invalid times.

    Parameters
    ----------
    table : pandas.DataFrame
        Table whose columns start and end, if it has them, are numbers or text.

    Returns
    -------
    wrong : dict of int to str
        Start and end of these rows, and what times must be.
    """
    times = table.reindex(columns=["start", "end"])
    numbers = times.apply(pd.to_numeric, errors="coerce")
    start, end = numbers["start"].fillna(0), numbers["end"].fillna(np.inf)
    is_none = (numbers.isna() & times.notna()) | np.isinf(numbers)
    wrong = is_none.any(axis=1) | ~((start >= 0) & (start < end))
    return {
        int(row): f"start={_shown(times['start'].iloc[row])}, "
        f"end={_shown(times['end'].iloc[row])}. Give times in seconds with 0 <= start < end."
        for row in np.flatnonzero(wrong)
    }


def _shown(time: Any) -> str:
    number = pd.to_numeric(time, errors="coerce")
    return "missing" if pd.isna(time) else repr(time) if pd.isna(number) else f"{number:g}"


def _beside(frame: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Drop columns that agree with the headers of the files, and rename those that differ."""
    for name in [name for name in _OF_HEADERS if name in others]:
        said, found = (pd.to_numeric(part[name], errors="coerce") for part in (others, frame))
        pair = (said.to_numpy(float, na_value=np.nan), found.to_numpy(float, na_value=np.nan))
        if np.allclose(*pair, equal_nan=True) and said.notna().equals(others[name].notna()):
            others = others.drop(columns=name)
        else:
            others = others.rename(columns={name: f"{name} (table)"})
    return others


def as_numbers(column: pd.Series) -> pd.Series:
    """Convert a column that was read as text to numbers, if it contains nothing else.

    Codes such as "007" and "2E3" remain text.
    """
    if any(isinstance(value, str) and _CODE.fullmatch(value.strip()) for value in column):
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column
