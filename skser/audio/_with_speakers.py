from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skser.audio._file_objects import is_file_object
from skser.audio._items import Audio, Item, Segment, as_items, check_items, describe
from skser.audio._speaker import Speaker, check_one_kind, check_speaker
from skser.exceptions import AudioError


def with_speakers(X: Any, groups: Any, *, sr: float | None = None) -> NDArray[np.object_]:
    """Attach a speaker to each clip, for `SpeakerNormalizer`.

    The speaker travels with the clip through splitters, searches and scorers, which pass nothing
    but clips to ``predict``. The sound of a clip, its values, and the keys of a `memory` do not
    depend on the speaker.

    Parameters
    ----------
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Paths, `Segment`, `Audio` or arrays of samples. If a clip already has a speaker, it is
        replaced.
    groups : array-like of shape (n_clips,)
        Speakers: text or integers, such as the ``groups`` of a corpus.
    sr : float, default=None
        Sample rate in Hz of the clips that are arrays, which do not carry their own.

    Returns
    -------
    clips : ndarray of shape (n_clips,), dtype=object
        A `Segment` for each path or `Segment`, and an `Audio` for each `Audio` or array.

    Raises
    ------
    AudioError
        If there are more or fewer speakers than clips, a speaker is missing, some speakers are text
        and others numbers, or X contains arrays and `sr` is None.

    See Also
    --------
    SpeakerNormalizer : Standardise the values of each speaker.

    Examples
    --------
    >>> from skser import with_speakers
    >>> clips = with_speakers(["a.wav", "b.wav"], ["anna", "ben"])
    >>> clips[0]
    Segment(path='a.wav', start=0.0, end=None, speaker='anna')

    For a corpus, call ``with_speakers(corpus.data, corpus.groups)``.
    """
    items = check_items(BaseEstimator(), X, reset=True)
    if groups is None:
        raise AudioError(
            "groups is None, because the speaker of at least one clip is unknown. Pass the "
            "speakers to the loader, or leave out the clips of unknown speakers."
        )
    is_list = hasattr(groups, "__len__") and not isinstance(groups, str | bytes | Set | Mapping)
    if not is_list or getattr(groups, "ndim", 1) != 1:
        raise AudioError(
            f"groups is {reprlib.repr(groups)}, but a list with one speaker per clip is expected."
        )
    if len(groups) != len(items):
        raise AudioError(
            f"groups has {len(groups)} speakers, but X has {len(items)} clips. Pass one speaker "
            "per clip."
        )
    speakers = [check_speaker(speaker, f"groups[{i}]") for i, speaker in enumerate(groups)]
    check_one_kind(speakers)
    return as_items(
        [
            _with_speaker(item, speaker, sr, index)
            for index, (item, speaker) in enumerate(zip(items, speakers, strict=True))
        ]
    )


def speaker_of(item: object) -> Any:
    """Return the speaker that a clip carries, or None."""
    return item.speaker if isinstance(item, Audio | Segment) else None


def _with_speaker(item: Item, speaker: Speaker, sr: float | None, index: int) -> Item:
    match item:
        case Audio() | Segment():
            return item._replace(speaker=speaker)
        case str() | os.PathLike():
            return Segment(item, speaker=speaker)
        case _ if is_file_object(item):
            return Segment(item, speaker=speaker)
    if sr is None:
        raise AudioError(
            f"{describe(item, index)}: an array has no sample rate of its own. Pass the sample "
            "rate of the arrays in Hz as sr."
        )
    return Audio(item, sr, speaker)
