"""Suffixes of audio files, and how to find such files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

AUDIO_SUFFIXES = (
    *(".wav", ".w64", ".flac", ".aif", ".aiff", ".au"),
    *(".ogg", ".oga", ".opus", ".mp3"),
)
"""Suffixes of the audio files that libsndfile reads, lossless formats first."""

FFMPEG_SUFFIXES = (
    *(".m4a", ".m4b", ".aac", ".wma", ".amr", ".ape", ".wv", ".ac3", ".mka"),
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".mpg", ".mpeg", ".3gp"),
)
"""Suffixes of the audio and video files that are read with ffmpeg."""


def find_audio(folder: str | os.PathLike[str]) -> list[Path]:
    """List the audio files that libsndfile reads, in a folder and below: see `find_files`."""
    return find_files(folder, AUDIO_SUFFIXES)


def find_files(folder: str | os.PathLike[str], suffixes: Sequence[str]) -> list[Path]:
    """List the files with given suffixes, in a folder and below.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder to search.
    suffixes : sequence of str
        Suffixes in lower case, with their dots.

    Returns
    -------
    files : list of Path
        Sorted paths, each beginning with `folder`. Hidden files and the extra files of macOS
        (``._a.wav``, ``__MACOSX``) are skipped. Links to folders are followed, but each folder
        is visited only once.
    """
    found: list[Path] = []
    visited: set[str] = set()
    starts = [Path(folder)]
    # Follow links last, so that a folder that is itself below is listed under its own name.
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
