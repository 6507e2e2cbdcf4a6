"""Find the clips that the user names: files, folders of files, and tables that list clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skser.audio import Segment
from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES, find_files
from skser.cli._corpora import advice_of_commands
from skser.cli._options import ClipTable
from skser.datasets._folder import without_copies
from skser.datasets._read_clips import TABLE_SUFFIXES, read_clips
from skser.exceptions import AudioError

_PREFIX = "table:"
"""Beginning of a name that says that a file with any suffix is a table."""


@dataclass(frozen=True)
class Clip:
    """A clip that the user names."""

    item: str | Segment | AudioError
    """The clip, or the error that says why a row of a table names none."""
    file: str | None
    """The file of the clip; None if a row of a table names none."""
    own: dict[str, Any] = field(default_factory=dict)
    """The other columns of its row, if it is from a table."""
    is_row: bool = False
    """Whether it is from a table."""


def clips_of(sources: Sequence[Path], table: ClipTable) -> list[Clip]:
    """Return the clips of files, folders and tables, in this order.

    Parameters
    ----------
    sources : sequence of Path
        Files, folders and tables. A table is known by its suffix, or by the prefix "table:".
    table : ClipTable
        Where tables list their clips.

    Returns
    -------
    clips : list of Clip
        The clips; whether they can be read is not checked.

    Raises
    ------
    AudioError
        If a folder contains no audio files, a table cannot be read, or flags for tables are given
        without a table.
    """
    if table.given and not any(map(_is_table, sources)):
        raise AudioError(
            f"{table.given[0]} applies only to tables, but no table was given. Omit it, or name a "
            "table: a .csv, .tsv, .xlsx or .ods file, or table:PATH if its suffix is another one."
        )
    return [clip for source in sources for clip in _clips_of(source, table)]


def _is_table(source: Path) -> bool:
    named = str(source).startswith(_PREFIX) or source.suffix.lower() in TABLE_SUFFIXES
    return named and not source.is_dir()


def _clips_of(source: Path, table: ClipTable) -> Iterator[Clip]:
    if not _is_table(source):
        yield from (Clip(str(file), str(file)) for file in files_of(source))
        return
    with advice_of_commands():
        listed = read_clips(str(source).removeprefix(_PREFIX), **vars(table))
    # Without columns, pandas before 3 has no records.
    rows = listed.own.to_dict("records") or [{} for _ in listed.items]
    for item, path, own in zip(listed.items, listed.paths, rows, strict=True):
        yield Clip(item, path, {str(name): value for name, value in own.items()}, is_row=True)


def files_of(source: Path) -> list[Path]:
    """Return a file, or the audio files in and below a folder."""
    if not source.is_dir():
        return [source]
    files, _ = without_copies(find_files(source, (*AUDIO_SUFFIXES, *FFMPEG_SUFFIXES)))
    if not files:
        raise AudioError(
            f"{str(source)!r} and its subfolders contain no audio files (wav, flac, ogg, mp3 ...). "
            "Name the folder of the clips."
        )
    return files
