"""Compute the values of one clip, which is read once and analysed once for all members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.audio._items import Audio, Item, Items, describe
from skser.audio._load import clip_duration, load_clip
from skser.exceptions import AudioError
from skser.extraction._doubts import Doubt, doubt
from skser.extraction._member import Framing, Member
from skser.preprocessing._ragged import fits


def longest(items: Items, array_sr: float, on_error: str) -> float:
    """Return the duration in seconds of the longest clip; arrays have the rate `array_sr`."""
    longest_seen = 0.0
    for index, item in enumerate(items):
        try:
            longest_seen = max(longest_seen, clip_duration(item, array_sr, index))
        except AudioError:
            if on_error == "raise":
                raise
    return longest_seen


def extract_clip(
    item: Item, index: int, members: Sequence[Member], doubts: list[Doubt]
) -> Iterator[NDArray[np.float32]]:
    """Yield the values of one clip for each member; raise `AudioError` if they are invalid.

    A doubt is appended to the list if the values mean nothing.
    """
    for member, analysis in zip(members, analyse(item, index, members, doubts), strict=True):
        yield compute(member, analysis, item, index)


def compute(member: Member, analysis: Analysis, item: Item, index: int) -> NDArray[np.float32]:
    """Return the values of one clip for one member; raise `AudioError` if they are invalid."""
    try:
        value = member.compute(analysis)
    except AudioError as error:
        raise AudioError(f"{describe(item, index)}: {error}") from error
    except Exception as error:
        error.add_note(f"{member.name} was computing {describe(item, index)}.")
        raise
    wanted = member.output_shape
    if wanted is not None and wanted != value.shape and not fits(value.shape, wanted):
        raise AudioError(
            f"{describe(item, index)}: {member.name} returned an array of shape {value.shape}, "
            f"but {wanted} for the first clip in fit{member.shape_advice}"
        )
    if not np.isfinite(value).all():
        peak = np.abs(analysis.y).max()
        advice = member.value_advice or f"The samples reach {peak:.3g}: scale the clip to [-1, 1]."
        raise AudioError(f"{describe(item, index)}: {member.name} is NaN or infinity. {advice}")
    return value


def analyse(
    item: Item, index: int, members: Sequence[Member], doubts: list[Doubt] | None = None
) -> Iterator[Analysis]:
    """Yield the analysis of the clip for each member; members with equal framing share one."""
    samples: dict[float, NDArray[np.float32]] = {}
    analyses: dict[Framing, Analysis] = {}
    for member in members:
        framing = member.framing
        plan, n_samples = framing.plan, framing.n_samples
        if plan.sr not in samples:
            samples[plan.sr] = _load(item, index, framing)
            if doubts is not None and len(samples) == 1:
                found = doubt(samples[plan.sr], plan.sr, item, index)
                doubts += [] if found is None else [found]
        analysis = analyses.get(framing)
        if analysis is None:
            y = samples[plan.sr]
            if n_samples is not None:
                y = np.pad(y[:n_samples], (0, max(0, n_samples - len(y))))
            analysis = analyses[framing] = Analysis(y, plan)
        yield analysis


def _load(item: Item, index: int, framing: Framing) -> NDArray[np.float32]:
    if isinstance(item, np.ndarray) and framing.array_sr != framing.plan.sr:
        item = Audio(item, framing.array_sr)
    return load_clip(item, framing.plan.sr, index)
