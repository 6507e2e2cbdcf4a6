"""Clips to listen to and to look at in the page."""

from __future__ import annotations

import base64
import io
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from skser.audio import Audio, Segment
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item, title_of
from skser.audio._load import load_clip
from skser.displays import SpectrogramDisplay
from skser.exceptions import AudioError
from skser.report._svg import draw

_SR = 16_000
"""Sample rate in Hz: speech needs no more, and the page holds every sample."""

_LONGEST = 6.0
"""Seconds of a clip that the page holds at most."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip in the page; a clip that cannot be read has an error instead of sound and picture."""

    name: str
    speaker: str | None
    wav: Markup | None = None
    spectrogram: Markup | None = None
    is_cut: bool = False
    error: str | None = None


def make_clip(item: Item, place: int, speaker: Any, title: str, name: str) -> Clip:
    """Read a clip, and prepare its sound and its spectrogram.

    Parameters
    ----------
    item : path, Segment, Audio or ndarray
        The clip; an array is taken to be at 22050 Hz.
    place : int
        Place in the corpus, from 0.
    speaker : object
        Speaker, or None.
    title : str
        Name of the clip in the page.
    name : str
        Name of the figure in the page.

    Returns
    -------
    clip : Clip
    """
    spoken_by = None if speaker is None else str(speaker)
    try:
        y = load_clip(Audio(item, DEFAULT_SR) if isinstance(item, np.ndarray) else item, _SR, place)
    except AudioError as error:
        return Clip(name=title, speaker=spoken_by, error=without_folder(str(error), item))
    n_kept = int(_LONGEST * _SR)
    shown = y[:n_kept]
    display = SpectrogramDisplay.from_item(
        Audio(shown, _SR), sr=_SR, n_fft=512, hop_length=128, n_mels=64
    )
    return Clip(
        name=title,
        speaker=spoken_by,
        wav=_wav(shown),
        spectrogram=draw(
            # Its own pixels; the browser scales them.
            lambda ax: display.plot(ax, colorbar=False, interpolation="none"),
            name,
            f"Mel spectrogram of {title}",
            (4.2, 2.2),
        ),
        is_cut=len(y) > n_kept,
    )


def without_folder(message: str, item: Item) -> str:
    """Return a message about a clip in which its path is cut to the name of the file."""
    path = item.path if isinstance(item, Segment) else item
    if isinstance(path, str | os.PathLike):
        return message.replace(repr(os.fspath(path)), repr(Path(path).name))
    return message


def clip_names(items: Iterable[Item]) -> list[str]:
    """Name each clip for the page, by its file; files of one name are told apart by folder.

    Parameters
    ----------
    items : iterable of path, Segment, Audio or ndarray
        All clips of the corpus.

    Returns
    -------
    names : list of str
        No more folders than are needed to tell files apart; samples are numbered from 0.
    """
    items = list(items)
    names = [title_of(item) or f"clip {place}" for place, item in enumerate(items)]
    places_of = defaultdict(list)
    for place, name in enumerate(names):
        places_of[name].append(place)
    for places in places_of.values():
        if len(places) == 1:
            continue
        folders = {place: _folders(items[place]) for place in places}
        distinct = set(folders.values())
        depth = 0
        while len({_last(folder, depth) for folder in distinct}) < len(distinct):
            depth += 1
        for place, folder in folders.items():
            names[place] = "/".join((*_last(folder, depth), names[place]))
    return names


def _folders(item: Item) -> tuple[str, ...]:
    """Return the folders that a clip's file is in, without the root; none of samples."""
    path = item.path if isinstance(item, Segment) else item
    if not isinstance(path, str | os.PathLike):
        return ()
    parent = Path(os.fsdecode(path)).parent
    folders = parent.parts[1:] if parent.anchor else parent.parts
    return tuple(os.fsencode(name).decode("utf-8", "backslashreplace") for name in folders)


def _last(folders: tuple[str, ...], depth: int) -> tuple[str, ...]:
    return folders[len(folders) - min(depth, len(folders)) :]


def _wav(y: np.ndarray[Any, np.dtype[np.float32]]) -> Markup:
    """Return 16-bit PCM as a data URI, scaled only if it exceeds full scale."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, y / max(1.0, np.abs(y).max()), _SR, format="WAV", subtype="PCM_16")
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Markup(f"data:audio/wav;base64,{encoded}")
