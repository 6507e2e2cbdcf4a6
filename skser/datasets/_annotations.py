"""Convert annotations of long recordings to a corpus of segments."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES, find_files
from skser.audio._load import header
from skser.datasets._columns import AdvisedError
from skser.datasets._emotions import Emotions
from skser.datasets._load_table import corpus_from_table
from skser.exceptions import AudioError, AudioWarning

Files: TypeAlias = "str | os.PathLike[str] | Sequence[str | os.PathLike[str]]"
"""One file, a folder of them, or a list of files."""

_ROUNDED = 1e-3
"""Tolerance in seconds for annotations that end after their recording: ELAN rounds to
milliseconds."""


class Interval(NamedTuple):
    """A time interval in seconds and its label."""

    start: float
    end: float
    text: str


class Tier(NamedTuple):
    """The intervals of a tier (None for a tier of points) and its participant, the speaker."""

    name: str
    intervals: list[Interval] | None
    participant: str | None = None


class AnnotationFile(NamedTuple):
    """The tiers of a file and the names of the recordings that the file refers to."""

    tiers: list[Tier]
    recordings: list[str]


def corpus_from_annotations(
    files: Files,
    read: Callable[[Path], AnnotationFile],
    suffix: str,
    *,
    tier: str | Sequence[str],
    speaker_tier: str | None,
    audio: str | os.PathLike[str] | None,
    map_labels: Mapping[Any, str | None] | None,
    emotions: Emotions,
    name: str | None,
) -> Bunch:
    """Build a corpus from the intervals of one or more tiers in one or more files.

    Parameters
    ----------
    files : str, os.PathLike or sequence of such
        Files, or a folder of files, to read.
    read : callable
        Function that reads one file.
    suffix : str
        Suffix of the files to look for in a folder.
    tier, speaker_tier, audio, map_labels, emotions, name
        As for `load_textgrid`.

    Raises
    ------
    AudioError
        If a file, its tiers or its recording are missing or wrong, or no interval is left.
    """
    paths = _paths(files, suffix)
    wanted = [tier] if isinstance(tier, str) else list(tier)
    rows: list[dict[str, Any]] = []
    n_empty, doubtful = 0, []
    for path in paths:
        content = read(path)
        recording = _recording(path, content, audio, len(paths))
        duration = header(str(recording))[0]
        speakers = None if speaker_tier is None else _named(path, content, speaker_tier)
        for found in _wanted(path, content, wanted):
            for interval in _checked(path, found):
                if not interval.text.strip():
                    n_empty += 1
                    continue
                speaker = found.participant if speakers is None else _who(interval, speakers)
                if speakers is not None and speaker is None:
                    doubtful.append(_shown(path, found, interval))
                    continue
                end = _end(path, found, interval, recording, duration)
                row = {
                    "path": str(recording),
                    "label": interval.text.strip(),
                    "speaker": speaker,
                    "start": interval.start,
                    "end": end,
                    "tier": found.name,
                    "annotation": str(path),
                }
                rows.append(row)
    _warn_of_doubtful(doubtful, speaker_tier, len(doubtful) + len(rows))
    if not rows:
        raise AdvisedError(
            f"The tier {wanted[0]!r} of {str(paths[0])!r}"
            f"{f' and of {len(paths) - 1} other files' if len(paths) > 1 else ''} has no interval "
            "with a label and, if a speaker tier is given, exactly one speaker.",
            "Label some intervals, or pass another tier with tier=.",
            "Label some intervals, or name another tier with --label.",
        )
    if name is None:
        name = paths[0].stem if len(paths) == 1 else paths[0].resolve().parent.name
    skipped = {"empty intervals": n_empty, "intervals without one speaker": len(doubtful)}
    what = f"{len(paths)} {suffix} file{'s' if len(paths) > 1 else ''} ({n_empty} empty intervals)"
    return corpus_from_table(pd.DataFrame(rows), map_labels, name, what, Path(), emotions, skipped)


def _paths(files: Files, suffix: str) -> list[Path]:
    if not isinstance(files, str | os.PathLike):
        paths = [Path(file) for file in files]
    elif Path(files).is_dir():
        paths = find_files(files, (suffix.lower(),))
    else:
        paths = [Path(files)]
    if not paths:
        is_path = isinstance(files, str | os.PathLike)
        where = f"{str(files)!r} contains" if is_path else "The list contains"
        raise AudioError(f"{where} no {suffix} files. Pass a file or the folder of the files.")
    for path in paths:
        if not path.is_file():
            raise AudioError(
                f"{str(path)!r} does not exist. Check the path (the current directory is "
                f"{os.getcwd()!r})."
            )
    return paths


def _recording(
    path: Path, content: AnnotationFile, audio: str | os.PathLike[str] | None, n_files: int
) -> Path:
    """Return the audio file that an annotation file belongs to."""
    folder = path.parent if audio is None else Path(audio)
    if audio is not None and not folder.is_dir():
        if folder.is_file() and n_files == 1:
            return folder
        what = (
            f"is one recording, but there are {n_files} annotation files. Pass the folder of the "
            "recordings."
            if folder.is_file()
            else "is neither a folder nor a file. Check the path (the current directory is "
            f"{os.getcwd()!r})."
        )
        raise AdvisedError("", f"audio={str(folder)!r} {what}", f"--audio {str(folder)!r} {what}")
    for name in content.recordings:
        if (folder / name).is_file():
            return folder / name
    found = [
        file
        for file in find_files(folder, (*AUDIO_SUFFIXES, *FFMPEG_SUFFIXES))
        if file.stem == path.stem
    ]
    beside = [file for file in found if file.parent == folder]
    found = beside or found
    if len(found) == 1:
        return found[0]
    named = f" or {' or '.join(map(repr, content.recordings))}" if content.recordings else ""
    raise AdvisedError(
        f"{str(path)!r}: {str(folder)!r} contains {len(found) or 'no'} recordings called "
        f"{path.stem + '.*'!r}{named}.",
        "Pass the right folder, or the recording of a single file, with audio=.",
        "Name the folder of the recordings, or the recording of a single file, with --audio.",
    )


def _wanted(path: Path, content: AnnotationFile, names: Sequence[str]) -> list[Tier]:
    # A file need not have all of several tiers, for example if each speaker has a tier.
    asked = [name for name in names if _called(content, name)] or names[:1]
    return [_named(path, content, name) for name in asked]


def _named(path: Path, content: AnnotationFile, name: str) -> Tier:
    found = _called(content, name)
    names = [tier.name for tier in content.tiers]
    advice = (
        "Name one of them with tier= or speaker_tier=.",
        "Name one of them with --label or --speaker.",
    )
    if len(found) != 1:
        many = f"{len(found)} tiers" if found else "no tier"
        raise AdvisedError(
            f"{str(path)!r} has {many} named {name!r}. Its tiers are {names}.", *advice
        )
    if found[0].intervals is None:
        raise AdvisedError(
            f"{str(path)!r}: the tier {name!r} contains points in time, which have no duration, "
            f"instead of intervals. Its tiers are {names}.",
            *advice,
        )
    return found[0]


def _called(content: AnnotationFile, name: str) -> list[Tier]:
    """Find the tiers with a name; if there are none, ignore case."""
    found = [tier for tier in content.tiers if tier.name == name]
    return found or [
        tier for tier in content.tiers if tier.name.casefold() == name.strip().casefold()
    ]


def _checked(path: Path, tier: Tier) -> Iterator[Interval]:
    for interval in tier.intervals or ():
        if not (np.isfinite(interval.end) and 0 <= interval.start < interval.end):
            raise AudioError(
                f"{_shown(path, tier, interval)} has invalid times, which must satisfy 0 <= start "
                "< end. Correct the annotation."
            )
        yield interval


def _end(path: Path, tier: Tier, interval: Interval, recording: Path, duration: float) -> float:
    """Return the end of an interval in a recording, whose duration is NaN if unknown."""
    if interval.end > duration + _ROUNDED:
        raise AdvisedError(
            f"{_shown(path, tier, interval)} ends after its recording {str(recording)!r}, which "
            f"lasts {duration:.6g} s. Is it the right recording?",
            "If not, pass the right one with audio=.",
            "If not, name the right one with --audio.",
        )
    return interval.end if np.isnan(duration) else min(interval.end, duration)


def _who(interval: Interval, speakers: Tier) -> str | None:
    """Return the speaker who speaks longest during an interval; None if nobody does or two tie."""
    shares: dict[str, float] = {}
    for start, end, text in speakers.intervals or ():
        name = text.strip()
        share = min(end, interval.end) - max(start, interval.start)
        if name and share > 0:
            shares[name] = shares.get(name, 0.0) + share
    if not shares:
        return None
    # The times in annotation files are rounded.
    longest = max(shares.values())
    ahead = [name for name, share in shares.items() if share > longest - 1e-6]
    return ahead[0] if len(ahead) == 1 else None


def _warn_of_doubtful(doubtful: Sequence[str], speaker_tier: str | None, n_labelled: int) -> None:
    if doubtful:
        warnings.warn(
            f"{len(doubtful)} of {n_labelled} labelled intervals are left out, because according "
            f"to the tier {speaker_tier!r} nobody speaks during them, or two people speak equally "
            f"long. The first is {doubtful[0]}. Correct the annotation, or omit speaker_tier= "
            "(--speaker in a command).",
            AudioWarning,
            stacklevel=4,
        )


def _shown(path: Path, tier: Tier, interval: Interval) -> str:
    return (
        f"{str(path)!r}, tier {tier.name!r}: {interval.text.strip()!r} from {interval.start:g} to "
        f"{interval.end:g} s"
    )
