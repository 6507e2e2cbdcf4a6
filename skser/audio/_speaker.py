"""Names of speakers and their validation."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from skser.exceptions import AudioError

Speaker: TypeAlias = str | int
"""Name or number of a speaker."""


def check_speaker(speaker: object, where: str) -> Speaker:
    """Validate a speaker, and return it as a string or a Python integer.

    Parameters
    ----------
    speaker : object
        Speaker: text, or a Python or NumPy integer.
    where : str
        Position of the speaker in the input, for the message.

    Returns
    -------
    speaker : str or int

    Raises
    ------
    AudioError
        If `speaker` is anything else, such as None, NaN or empty text.
    """
    plain = speaker.item() if isinstance(speaker, np.generic) else speaker
    if isinstance(plain, str) and plain.strip():
        return plain
    if isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    raise AudioError(
        f"{where}: the speaker is {reprlib.repr(speaker)}, which is not a valid name. Pass text "
        "that is not empty, or an integer."
    )


def check_one_kind(speakers: Iterable[Speaker | None]) -> None:
    """Raise `AudioError` if some speakers are text and others are numbers."""
    first: dict[bool, Speaker] = {}
    for speaker in speakers:
        if speaker is not None:
            first.setdefault(isinstance(speaker, str), speaker)
    if len(first) == 2:
        raise AudioError(
            f"Some speakers are text ({first[True]!r}), and others are numbers ({first[False]!r}). "
            "Use the same type for all, because 3 and '3' are different speakers."
        )
