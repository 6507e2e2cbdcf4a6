"""Which files are audio, and where they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

AUDIO_SUFFIXES = (
    *(".wav", ".w64", ".flac", ".aif", ".aiff", ".au"),
    *(".ogg", ".oga", ".opus", ".mp3"),
)
"""Of audio that libsndfile reads, lossless first."""

FFMPEG_SUFFIXES = (
    *(".m4a", ".m4b", ".aac", ".wma", ".amr", ".ape", ".wv", ".ac3", ".mka"),
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".mpg", ".mpeg", ".3gp"),
)
"""Of audio and video that is read through ffmpeg."""


def find_audio(folder: str | os.PathLike[str]) -> list[Path]:
    """List the audio files that libsndfile reads, in and below a folder: see `find_files`."""
    return find_files(folder, AUDIO_SUFFIXES)


def find_files(folder: str | os.PathLike[str], suffixes: Sequence[str]) -> list[Path]:
    """List the files of some suffixes, in and below a folder.

    Parameters
    ----------
    folder : str or os.PathLike
    suffixes : sequence of str
        In lower case, with their dots.

    Returns
    -------
    files : list of Path
        Sorted, each beginning with `folder`. Hidden ones are passed over, and those of macOS
        (``._a.wav``, ``__MACOSX``). Links to folders are followed, to each folder once.
    """
    found: list[Path] = []
    visited: set[str] = set()
    starts = [Path(folder)]
    # Links come last, so that a folder which is there itself is found under its own name.
    for start in starts:
        for parent, folders, files in os.walk(start):
            place = os.path.realpath(parent)
            if place in visited:
                folders.clear()
                continue
            visited.add(place)
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            below = [Path(parent, name) for name in folders]
            starts += [path for path in below if path.is_symlink()]
            found += [
                file
                for file in (Path(parent, name) for name in files if not _is_hidden(name))
                if file.suffix.lower() in suffixes and file.is_file()
            ]
    return sorted(found)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
