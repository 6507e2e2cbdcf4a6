"""Who speaks: what may name a speaker."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from skser.exceptions import AudioError

Speaker: TypeAlias = str | int
"""Name or number of a speaker."""


def check_speaker(speaker: object, where: str) -> Speaker:
    """Return a speaker as text or a Python integer.

    Parameters
    ----------
    speaker : object
        Text, or a whole number of Python or NumPy.
    where : str
        Place of the speaker in the input, for the message.

    Returns
    -------
    speaker : str or int

    Raises
    ------
    AudioError
        If it names nobody: None, NaN, empty text, or anything else.
    """
    plain = speaker.item() if isinstance(speaker, np.generic) else speaker
    if isinstance(plain, str) and plain.strip():
        return plain
    if isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    raise AudioError(
        f"{where}: the speaker is {reprlib.repr(speaker)}, which names nobody. Pass text that is "
        "not empty, or a whole number."
    )


def check_one_kind(speakers: Iterable[Speaker | None]) -> None:
    """Raise `AudioError` where some speakers are text and others are numbers."""
    first: dict[bool, Speaker] = {}
    for speaker in speakers:
        if speaker is not None:
            first.setdefault(isinstance(speaker, str), speaker)
    if len(first) == 2:
        raise AudioError(
            f"Some speakers are text ({first[True]!r}), and others are numbers ({first[False]!r}). "
            "Use one kind for all: 3 and '3' are two speakers."
        )
