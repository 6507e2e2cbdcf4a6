"""Clips that can be heard and seen in the page."""

from __future__ import annotations

import base64
import io
import os
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
"""Hz: speech needs no more, and the page carries every sample."""

_LONGEST = 6.0
"""Seconds of a clip that the page carries."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip in the page; one that cannot be read has an error instead of sound and picture."""

    name: str
    speaker: str | None
    wav: Markup | None = None
    spectrogram: Markup | None = None
    is_cut: bool = False
    error: str | None = None


def make_clip(item: Item, place: int, speaker: Any, name: str) -> Clip:
    """Read a clip, and prepare its sound and its spectrogram.

    Parameters
    ----------
    item : path, Segment, Audio or ndarray
        The clip; an array is taken to be at 22050 Hz.
    place : int
        Place in the corpus, from 0.
    speaker : object
        Who speaks, or None.
    name : str
        Of the figure in the page.

    Returns
    -------
    clip : Clip
    """
    title = name_of(item, place)
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
    """Return a message about a clip that names its file alone, as the page does elsewhere."""
    path = item.path if isinstance(item, Segment) else item
    if isinstance(path, str | os.PathLike):
        return message.replace(repr(os.fspath(path)), repr(Path(path).name))
    return message


def name_of(item: Item, place: int) -> str:
    """Return what a clip is called in the page."""
    return title_of(item) or f"clip {place}"


def _wav(y: np.ndarray[Any, np.dtype[np.float32]]) -> Markup:
    """Return 16-bit PCM as a data URI; as loud as recorded, unless that is beyond full scale."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, y / max(1.0, np.abs(y).max()), _SR, format="WAV", subtype="PCM_16")
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Markup(f"data:audio/wav;base64,{encoded}")
