from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils import Bunch

from skser.datasets._columns import ColumnError
from skser.datasets._emotions import Emotions
from skser.datasets._load_table import corpus_from_table, folder_of_paths
from skser.datasets._read_table import read_table
from skser.exceptions import AudioError, AudioWarning

_NAMES = {"file": "path", "gender": "sex", "transcription": "sentence"}


def load_audformat(
    table: str | os.PathLike[str] | pd.DataFrame | pd.Series,
    *,
    label: str = "emotion",
    group: str = "speaker",
    files: str | os.PathLike[str] | pd.DataFrame | None = None,
    root: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
) -> Bunch:
    """Load a corpus from a table in audformat, the format in which audb delivers data.

    Parameters
    ----------
    table : str, os.PathLike, pandas.DataFrame or pandas.Series
        Table, or its csv file (``db.emotion.csv``). Its index or columns are ``file``, or ``file``,
        ``start`` and ``end``. Times are durations ("0 days 00:00:01.5", `Timedelta`) or seconds; a
        missing end stands for the end of the file.
    label : str, default="emotion"
        Column of the labels.
    group : str, default="speaker"
        Column of the speakers, in `table` or `files`. If neither has a column "speaker", ``groups``
        is None; a column with any other name must exist.
    files : str, os.PathLike or pandas.DataFrame, default=None
        A second table with ``file`` as its index or as a column (``db.files.csv``). Its other
        columns are added to each clip of the file.
    root : str or os.PathLike, default=None
        Folder that relative paths start from, the folder of the database. If None, the folder of
        the csv file is used, or the current directory if `table` is not a file.
    map_labels : dict, default=None
        Mapping from labels, as given or by their common names, to emotions. Clips whose label is
        mapped to None are left out.
    emotions : {"given", "canonical"}, default="given"
        How to name the emotions. "given" keeps the labels as they are. "canonical" replaces each
        label by its name in the common vocabulary, if it has one ("anger" and "Angry" become
        "angry").
    name : str, default=None
        Name of the corpus. If None, the name of the csv file is used.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`; if start
        or end is given, data contains `Segment` objects. The columns gender and transcription are
        renamed sex and sentence.

    Raises
    ------
    AudioError
        If the table or a column is missing, a row lacks a file or a label or has invalid times, or
        `files` has different rows for the same file.

    Warns
    -----
    AudioWarning
        If `files` does not list some files of the table, some rows have no speaker, so that
        ``groups`` is None, or a clip occurs more than once.

    References
    ----------
    .. [1] audEERING, "audformat: Format to store media files and annotations",
       https://audeering.github.io/audformat/

    Examples
    --------
    >>> from skser import load_audformat
    >>> corpus = load_audformat("emodb/db.emotion.csv",
    ...                         files="emodb/db.files.csv")  # doctest: +SKIP
    """
    clips, folder, file_name = _read(table)
    if files is not None:
        of_file, _, _ = _read(files)
        of_file = of_file.drop_duplicates()
        repeated = of_file["file"][of_file["file"].duplicated()]
        if len(repeated):
            raise AudioError(
                f"files= has different rows for {repeated.iloc[0]!r}. Keep only one of them."
            )
        of_file = of_file.set_index("file")
        unknown = clips["file"][~clips["file"].isin(of_file.index)]
        if len(unknown):
            warnings.warn(
                f"{len(unknown)} of {len(clips)} rows of the table have a file that files= does "
                f"not list; the first is {unknown.iloc[0]!r}. Their speaker and the other columns "
                "of files= are missing. Write the paths in both tables in the same way.",
                AudioWarning,
                stacklevel=2,
            )
        clips = clips.join(of_file[of_file.columns.difference(clips.columns)], on="file")
    for column, standard in ((label, "label"), (group, "speaker")):
        if column != "speaker" and column not in clips:
            problem = f"The table has no column {column!r}. It has the columns {[*clips]}."
            raise ColumnError(problem, [standard])
    for column in {"start", "end"} & {*clips}:
        clips[column] = _seconds(clips[column])
    names = {**_NAMES, label: "label", group: "speaker"}
    clips = clips.drop(columns=({*names.values(), "emotion"} & {*clips}) - {*names})
    return corpus_from_table(
        clips.rename(columns=names),
        map_labels,
        file_name if name is None else name,
        "a table of audformat",
        folder_of_paths(root, folder),
        emotions,
    )


def _read(
    table: str | os.PathLike[str] | pd.DataFrame | pd.Series,
) -> tuple[pd.DataFrame, Path, str]:
    frame, folder, name = read_table(table)
    if "file" in frame.index.names:
        frame = frame.reset_index()
    if "file" not in frame:
        raise AudioError(
            f"The table has neither an index nor a column 'file'; its columns are {list(frame)}. "
            "Pass a table in audformat, or use load_table."
        )
    return frame, folder, name


def _seconds(times: pd.Series) -> pd.Series:
    if pd.api.types.is_timedelta64_dtype(times):
        return times.dt.total_seconds()
    # Numbers are seconds, even as text in a csv file, which pandas would read as nanoseconds.
    times = times.astype(object)
    seconds = pd.to_numeric(times, errors="coerce").astype(float)
    try:
        return seconds.fillna(pd.to_timedelta(times.where(seconds.isna())).dt.total_seconds())
    except (TypeError, ValueError) as error:
        raise AudioError(
            f"The column {times.name!r} contains an invalid duration ({error}). Write durations "
            "as seconds or like '0 days 00:00:01.5'."
        ) from error
