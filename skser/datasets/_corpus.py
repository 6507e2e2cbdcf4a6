"""Build a corpus from a folder; all loaders use these functions."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skser._progress import counting, progress_bar
from skser._text import visible
from skser.audio import Segment, as_items
from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES, find_files
from skser.audio._load import header
from skser.datasets._card import CorpusCard
from skser.datasets._corpus_bunch import Corpus
from skser.datasets._emotions import common_emotion
from skser.exceptions import AudioError, AudioWarning

COLUMNS = (
    "path",
    "start",
    "end",
    "speaker",
    "sex",
    "language",
    "sentence",
    "emotion",
    "label",
    "intensity",
    "corpus",
    "duration",
    "sample_rate",
)
"""The columns of every corpus's frame, in this order; additional columns follow."""

Row: TypeAlias = "dict[str, Any]"
"""The values of one clip, by column."""

Parser: TypeAlias = "Callable[[Path], Row | None]"
"""Return the row of a file, whose path starts with the folder that was passed; None if the file is
not a clip of the corpus.

Raises `KeyError` if a code in the name is unknown."""

_MOST_DECODED = 4
"""Maximum number of files that are decoded at once, whatever the number of cores."""

_CLIP_SUFFIXES = (*AUDIO_SUFFIXES, ".m4a", ".m4b", ".aac", ".wma")
"""Formats in which clips of a known corpus may be, lossless first; not those of its videos."""

_NUMBERS = ("start", "end", "duration")
# Strings have dtype str since pandas 3, and object before.
_TEXT = pd.Series(["text"]).dtype


def check_folder(path: str | os.PathLike[str], content: str) -> Path:
    """Return the path of a folder, or raise if it does not exist."""
    folder = Path(path)
    if not os.fspath(path):
        raise AudioError(f"The path is empty. Pass the folder that contains {content}.")
    if not folder.is_dir():
        raise AudioError(
            f"{str(folder)!r} is not a directory. Pass the folder that contains {content}."
        )
    return folder


def find_clips(folder: Path, suffixes: Sequence[str] = _CLIP_SUFFIXES) -> list[Path]:
    """List the audio files in and below a folder; raise if a table cannot store a name."""
    files = find_files(folder, suffixes)
    for file in files:
        try:
            str(file).encode()
        except UnicodeEncodeError as error:
            raise AudioError(
                f"'{visible(str(file))}': the name is not UTF-8, so a table cannot store it. "
                "Rename the file or its folder."
            ) from error
    return files


def corpus_from_names(card: CorpusCard, path: str | os.PathLike[str], parse: Parser) -> Bunch:
    """Load a corpus whose labels and speakers are encoded in the file names.

    If a clip occurs more than once (the same name from the same speaker, as in some copies of a
    corpus and its archives), one file is loaded.
    """
    folder = check_folder(path, card.acronym)
    files = find_clips(folder)
    parsed = read_names(card, folder, files, parse)
    if not parsed:
        raise AudioError(
            f"{str(folder)!r} and its subfolders contain no {card.acronym} speech. A clip is "
            f"{card.file_names} {card.how_to_get}"
        )
    clips = _without_copies(parsed)
    rows = [
        {"path": str(file), "language": card.languages[0], "corpus": card.name, **row}
        for file, row in clips
    ]
    frame = make_frame(rows)
    _check_downloaded(frame, card)
    n_passed_over = len(files) - len(parsed)
    corpus = make_bunch(
        frame, card.render(len(frame), int(frame["speaker"].nunique()), n_passed_over)
    )
    corpus.skipped = {"audio files of other names": n_passed_over} if n_passed_over else {}
    return corpus


def read_names(
    card: CorpusCard, folder: Path, files: Sequence[Path], parse: Parser
) -> list[tuple[Path, Row]]:
    """Return the files in a folder that are clips of a corpus, each with its row.

    Raises `AudioError` if a name follows the corpus's scheme but contains an unknown code.
    """
    parsed = []
    name = folder.resolve().name
    for file in files:
        try:
            row = parse(Path(name, file.relative_to(folder)))
        except KeyError as error:
            raise AudioError(
                f"{str(file)!r}: {error.args[0]} is not a code of {card.acronym} at this position "
                "in the name. Rename or remove the file."
            ) from error
        if row is not None:
            parsed.append((file, row))
    return parsed


def _without_copies(parsed: Sequence[tuple[Path, Row]]) -> list[tuple[Path, Row]]:
    """Keep one file per clip, sorted by speaker and file name."""

    def rank(clip: tuple[Path, Row]) -> tuple[int, int, str]:
        file, _ = clip
        # Of two copies of a clip, the lossless one is preferred.
        return _CLIP_SUFFIXES.index(file.suffix.lower()), len(file.parts), str(file)

    kept: dict[tuple[str, str], tuple[Path, Row]] = {}
    copies = []
    for file, row in sorted(parsed, key=rank):
        first, _ = kept.setdefault((row["speaker"], file.stem.lower()), (file, row))
        if first is not file and first.suffix.lower() == file.suffix.lower():
            copies.append((file, first))
    if copies:
        file, first = copies[0]
        warnings.warn(
            f"{len(copies)} clips occur more than once, and one copy of each is loaded: "
            f"{str(file)!r} has the same speaker and name as {str(first)!r}. Pass the folder of "
            "one copy.",
            AudioWarning,
            stacklevel=4,
        )
    return [kept[key] for key in sorted(kept)]


def _check_downloaded(frame: pd.DataFrame, card: CorpusCard) -> None:
    if frame["duration"].notna().any():
        return
    with open(frame["path"].iloc[0], "rb") as file:
        if file.read(23) == b"version https://git-lfs":
            raise AudioError(
                f"The files of {card.acronym} are git-lfs pointers, not audio. Install git-lfs and "
                "run `git lfs pull` in the repository."
            )


def make_frame(rows: Iterable[Mapping[str, Any]], *, read_headers: bool = True) -> pd.DataFrame:
    """Build the frame of a corpus: every column of the schema, then the additional columns.

    A missing ``emotion`` is set to the common name of the ``label``. Durations, sample rates and
    missing ends are read from the files' headers; they stay missing if a file cannot be read. A
    missing start stands for the start of the file.
    """
    frame = pd.DataFrame.from_records(
        [{"emotion": common_emotion(row["label"]), **row} for row in rows]
    )
    for name in COLUMNS:
        if name not in frame:
            frame[name] = None
        if name in _NUMBERS:
            frame[name] = frame[name].astype(float)
        elif name not in ("label", "sample_rate"):
            frame[name] = frame[name].map(str, na_action="ignore").astype(_TEXT)
    if read_headers:
        _read_headers(frame)
    frame["sample_rate"] = frame["sample_rate"].astype("Int64")
    return frame[[*COLUMNS, *(name for name in frame if name not in COLUMNS)]]


def _read_headers(frame: pd.DataFrame) -> None:
    paths = frame["path"].unique()
    headers = _headers(paths)
    whole = frame["path"].map({path: duration for path, (duration, _) in headers.items()})
    frame["sample_rate"] = frame["path"].map({path: sr for path, (_, sr) in headers.items()})
    is_part = (frame["start"] > 0) | frame["end"].notna()
    frame["start"] = frame["start"].fillna(0.0).where(is_part)
    frame["end"] = frame["end"].fillna(whole).where(is_part)
    frame["duration"] = (frame["end"] - frame["start"]).where(is_part, whole)


def _headers(paths: Sequence[str]) -> dict[str, tuple[float, float]]:
    with progress_bar(len(paths), "auto", unit="file") as bar:
        if not any(Path(path).suffix.lower() in FFMPEG_SUFFIXES for path in paths):
            return dict(zip(paths, counting(map(header, paths), bar), strict=True))
        # Files that need ffmpeg are decoded by a subprocess, for which a thread waits.
        with ThreadPoolExecutor(max_workers=min(_MOST_DECODED, os.cpu_count() or 1)) as pool:
            return dict(zip(paths, counting(pool.map(header, paths), bar), strict=True))


def frame_items(frame: pd.DataFrame) -> list[str | Segment]:
    """Return the clip of each row: its path, or a segment if the row has a start and an end."""
    return [
        path if np.isnan(start) else Segment(path, start, end)
        for path, start, end in zip(
            frame["path"].tolist(), frame["start"], frame["end"], strict=True
        )
    ]


def make_bunch(frame: pd.DataFrame, descr: str, data: Sequence[Any] | None = None) -> Bunch:
    """Make the Bunch of a frame and its clips; `data` defaults to the clips of the rows."""
    known = frame["speaker"].notna().all()
    return Corpus(
        data=as_items(frame_items(frame) if data is None else data),
        target=frame["emotion"].to_numpy(dtype=object),
        target_names=sorted(frame["emotion"].unique().tolist()),
        groups=frame["speaker"].to_numpy(dtype=object) if known else None,
        frame=frame,
        DESCR=descr,
    )
