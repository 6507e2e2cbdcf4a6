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
from skser.datasets._load_table import corpus_from_table
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
    """Load a corpus from a table of audformat, as audb delivers it.

    Parameters
    ----------
    table : str, os.PathLike, pandas.DataFrame or pandas.Series
        Table, or its csv file (``db.emotion.csv``), with the index or the columns ``file``, or
        ``file``, ``start`` and ``end``. Times are durations ("0 days 00:00:01.5", `Timedelta`)
        or seconds; a missing end is that of the file.
    label : str, default="emotion"
        Column of the labels.
    group : str, default="speaker"
        Column of the speakers, in `table` or `files`. Where there is no "speaker", ``groups`` is
        None; a column of another name must be there.
    files : str, os.PathLike or pandas.DataFrame, default=None
        A second table with the index or the column ``file`` (``db.files.csv``), whose other
        columns are added to each clip of the file.
    root : str or os.PathLike, default=None
        Folder that relative paths begin in: that of the database. None: that of the csv file, or
        the current one.
    map_labels : dict, default=None
        From label, as it is or by its common name, to emotion; None as the emotion leaves a
        label's clips out.
    emotions : {"given", "canonical"}, default="given"
        Names of the emotions. "given": the labels as they are. "canonical": their names in the
        common vocabulary, where they have one ("anger" and "Angry" become "angry").
    name : str, default=None
        Name of the corpus. None: that of the csv file.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as from `load_ravdess`; where start
        or end are given, data holds `Segment`. The columns gender and transcription are called
        sex and sentence.

    Raises
    ------
    AudioError
        If the table or its columns are missing, or rows lack a file or a label, or have times
        that are none; or if `files` has rows of one file that differ.

    Warns
    -----
    AudioWarning
        If `files` does not list some files of the table; if some rows have no speaker, so that
        ``groups`` is None; or if a clip is there twice.

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
                f"files= has rows of {repeated.iloc[0]!r} that differ. Remove all but one."
            )
        of_file = of_file.set_index("file")
        unknown = clips["file"][~clips["file"].isin(of_file.index)]
        if len(unknown):
            warnings.warn(
                f"{len(unknown)} of {len(clips)} rows of the table are of a file that files= does "
                f"not list; {unknown.iloc[0]!r} is the first. Their speaker, and what else it "
                "tells, are missing. Write paths as the table does.",
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
        folder if root is None else Path(root),
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
            f"The table has neither an index nor a column 'file', but {list(frame)}. Pass a table "
            "of audformat, or use load_table."
        )
    return frame, folder, name


def _seconds(times: pd.Series) -> pd.Series:
    if pd.api.types.is_timedelta64_dtype(times):
        return times.dt.total_seconds()
    # Numbers are seconds, also as the text of a csv file, which pandas takes for nanoseconds.
    times = times.astype(object)
    seconds = pd.to_numeric(times, errors="coerce").astype(float)
    try:
        return seconds.fillna(pd.to_timedelta(times.where(seconds.isna())).dt.total_seconds())
    except (TypeError, ValueError) as error:
        raise AudioError(
            f"The column {times.name!r} holds what is no duration ({error}). Durations are like "
            "'0 days 00:00:01.5'."
        ) from error
