from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils import Bunch

from skser.datasets._load_table import corpus_from_table, read_table
from skser.exceptions import AudioError

_NAMES = {"file": "path", "gender": "sex", "transcription": "sentence"}


def load_audformat(
    table: str | os.PathLike[str] | pd.DataFrame | pd.Series,
    *,
    label: str = "emotion",
    group: str = "speaker",
    files: str | os.PathLike[str] | pd.DataFrame | None = None,
    root: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
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
        Column of the speakers, in `table` or `files`. Where there is none, ``groups`` is None.
    files : str, os.PathLike or pandas.DataFrame, default=None
        A second table with the index or the column ``file`` (``db.files.csv``), whose other
        columns are added to each clip of the file.
    root : str or os.PathLike, default=None
        Folder that relative paths begin in: that of the database. None: that of the csv file, or
        the current one.
    map_labels : dict, default=None
        From label, as it is or by its common name, to emotion; None as the emotion leaves a
        label's clips out. Other labels get their name in the common vocabulary ("anger":
        "angry"), or stay as they are.
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
        that are none.

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
        of_file = of_file.drop_duplicates("file").set_index("file")
        clips = clips.join(of_file[of_file.columns.difference(clips.columns)], on="file")
    if label not in clips:
        raise AudioError(
            f"The table has no column {label!r}, but {list(clips)}. Name that of the labels: "
            "label=."
        )
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
