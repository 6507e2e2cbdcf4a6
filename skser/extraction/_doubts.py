"""Clips in which there is nothing to hear, but whose values can be computed all the same."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skser.analysis import AnalysisPlan
from skser.audio._items import Item, Items, describe
from skser.audio._transient import is_transient
from skser.exceptions import AudioWarning

SHORTEST = 0.1
"""Duration in seconds below which a clip cannot contain a syllable."""


class Doubt(NamedTuple):
    """A clip whose values mean nothing: its position in X, its name and its duration in seconds."""

    place: int
    clip: str
    duration: float

    @property
    def is_short(self) -> bool:
        """Whether the clip is too short; otherwise it is silent."""
        return self.duration < SHORTEST

    @property
    def reason(self) -> str:
        """The predicate of a sentence about the clip."""
        return f"lasts {self.duration:.2g} s" if self.is_short else "is silent"


_collected: ContextVar[list[Doubt] | None] = ContextVar("collected", default=None)


def doubt(y: NDArray[np.float32], sr: float, item: Item, index: int) -> Doubt | None:
    """Return why the values of a clip mean nothing, or None.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples of the clip.
    sr : float
        Their rate in Hz.
    item : Item
        The clip. Samples that were changed on purpose, as by `occlusion`, are never in doubt.
    index : int
        Its index in X.

    Returns
    -------
    doubt : Doubt or None
    """
    duration = len(y) / sr
    # One sample other than 0 is enough, and one in the middle is likely.
    is_heard = duration >= SHORTEST and (y[len(y) // 2] != 0 or y.any())
    if is_heard or is_transient(getattr(item, "y", item)):
        return None
    return Doubt(index, describe(item), duration)


@contextmanager
def collecting() -> Iterator[list[Doubt]]:
    """Collect doubts in a list instead of warning of them, for a caller who knows better."""
    doubts: list[Doubt] = []
    token = _collected.set(doubts)
    try:
        yield doubts
    finally:
        _collected.reset(token)


def report(doubts: Sequence[Doubt], n_clips: int, *, stacklevel: int) -> None:
    """Warn of clips whose values mean nothing, once for all of them.

    The stack level is relative to the function that calls this one.
    """
    collected = _collected.get()
    if collected is not None:
        collected += doubts
        return
    if not doubts:
        return
    first = min(doubts)
    warnings.warn(
        f"The values of {len(doubts)} of {n_clips} clips mean nothing, because such clips are "
        f"silent (every sample is 0) or shorter than {SHORTEST} s. The first is X[{first.place}] "
        f"{first.clip}, which {first.reason}. Remove these clips, or ignore their predictions.",
        AudioWarning,
        stacklevel=stacklevel + 1,
    )


def look_like_features(rows: NDArray[Any], plan: AnalysisPlan) -> bool:
    """Return whether the rows of a table are shorter than a frame and than any syllable."""
    return rows.shape[1] < min(plan.n_fft, SHORTEST * plan.sr)


def warn_of_short_rows(items: Items, plan: AnalysisPlan, name: str, *, stacklevel: int) -> None:
    """Warn if a table looks like features: its rows are shorter than a frame and a syllable.

    The stack level is relative to the function that calls this one.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    plan : AnalysisPlan
        Sample rate of the rows, and length of a frame.
    name : str
        Name of the estimator.
    """
    if not isinstance(items, np.ndarray) or not look_like_features(items, plan):
        return
    warnings.warn(
        f"The rows of X have {items.shape[1]} values, fewer than the {plan.n_fft} samples of a "
        f"frame, so they look like features. {name} takes sound: pass paths or samples, or leave "
        "it out if X contains features already.",
        AudioWarning,
        stacklevel=stacklevel + 1,
    )
