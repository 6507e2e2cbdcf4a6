"""From one clip to values: read once, and analysed once for all features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis, AnalysisPlan
from skser.audio import Item, Items, clip_duration, describe, load_clip
from skser.exceptions import AudioError
from skser.features._ragged import fits

if TYPE_CHECKING:
    from skser.features._base import AudioExtractor


def learn_from_first_clip(items: Items, members: Sequence[AudioExtractor], on_error: str) -> None:
    """Show every member the first clip (under ``on_error="nan"``, the first that can be read)."""
    for index, item in enumerate(items):
        try:
            for member, analysis in zip(members, _analyses(item, index, members), strict=True):
                member._learn(analysis)
            return
        except AudioError:
            if on_error == "raise":
                raise
    raise AudioError(f"None of the {len(items)} clips can be read; see on_error='raise'.")


def longest(items: Items, sr: float, on_error: str) -> float:
    """Return the duration in seconds of the longest clip."""
    longest_seen = 0.0
    for index, item in enumerate(items):
        try:
            longest_seen = max(longest_seen, clip_duration(item, sr, index))
        except AudioError:
            if on_error == "raise":
                raise
    return longest_seen


def extract_clip(
    item: Item, index: int, members: Sequence[AudioExtractor]
) -> Iterator[NDArray[np.float32]]:
    """Yield the values of one clip for each member; raise `AudioError` if they are no good."""
    for member, analysis in zip(members, _analyses(item, index, members), strict=True):
        value = member._compute(analysis)
        name = type(member).__name__
        pooling = getattr(member, "pooling", None)
        if not fits(value.shape, member.output_shape_):
            raise AudioError(
                f"{describe(item, index)}: {name} gives an array of shape {value.shape} where "
                f"the first clip in fit gave {member.output_shape_}"
                + (
                    f". pooling={pooling!r} must give one number of values for any clip."
                    if callable(pooling)
                    else ", because the clips differ in length. Set duration (seconds or 'max')"
                    + (", or a pooling." if hasattr(member, "pooling") else ".")
                )
            )
        if not np.isfinite(value).all():
            peak = np.abs(analysis.y).max()
            raise AudioError(
                f"{describe(item, index)}: {name} is not finite. "
                + (
                    f"Look at pooling={pooling!r}."
                    if callable(pooling)
                    else f"The samples reach {peak:.3g}: scale the clip to [-1, 1]."
                )
            )
        yield value


def _analyses(item: Item, index: int, members: Sequence[AudioExtractor]) -> Iterator[Analysis]:
    """Yield each member's analysis of the clip; those of equal plan and length are one."""
    samples: dict[float, NDArray[np.float32]] = {}
    analyses: dict[tuple[AnalysisPlan, int | None], Analysis] = {}
    for member in members:
        plan, n_samples = member.plan_, member.n_samples_
        if plan.sr not in samples:
            samples[plan.sr] = load_clip(item, plan.sr, index)
        if (plan, n_samples) not in analyses:
            y = samples[plan.sr]
            if n_samples is not None:
                y = np.pad(y[:n_samples], (0, max(0, n_samples - len(y))))
            analyses[plan, n_samples] = Analysis(y, plan)
        yield analyses[plan, n_samples]
