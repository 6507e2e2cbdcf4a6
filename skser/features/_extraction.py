"""From clips to values: each clip is read once and analysed once for all features."""

from __future__ import annotations

import math
import os
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from numpy.typing import NDArray

from skser.analysis import Analysis, AnalysisPlan
from skser.audio import Item, Items, clip_duration, describe, load_clip
from skser.exceptions import AudioError, AudioWarning

if TYPE_CHECKING:
    from skser.features._base import AudioExtractor

_BATCH = 32
"""Clips a task: large enough to hide the cost of a task, small enough to show progress."""

Failures = list[tuple[int, AudioError]]


class Store(Protocol):
    """What keeps values between runs, and shares them between processes."""

    def keys_of(self, item: Item, members: Sequence[AudioExtractor]) -> list[bytes | None]:
        """Return the key of each member's value; None where it cannot be kept."""

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the values that are there."""

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep values."""


class Progress(Protocol):
    """What is told how many clips are done; a tqdm bar is one."""

    def update(self, n: int) -> object:
        """Count n more clips."""


def extract(
    items: Items,
    members: Sequence[AudioExtractor],
    *,
    n_jobs: int | None = None,
    on_error: str = "raise",
    progress: Progress | None = None,
    store: Store | None = None,
) -> list[NDArray[np.float32]]:
    """Compute the values of every clip for every member.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    members : sequence of AudioExtractor
        Features that have begun to fit, so that plan and output shape are settled.
    n_jobs : int, default=None
        As for `joblib.Parallel`.
    on_error : {"raise", "nan"}, default="raise"
        "nan": a clip that cannot be used becomes NaN, and one warning lists all such clips.
    progress : Progress, default=None
        Told how many clips are done.
    store : Store, default=None
        Where values are looked up first, and kept.

    Returns
    -------
    values : list of ndarray of shape (n_clips, *output_shape), dtype=float32
        One array a member.
    """
    n_clips = len(items)
    values = [np.empty((n_clips, *member.output_shape_), dtype=np.float32) for member in members]
    batch = min(_BATCH, -(-n_clips // effective_n_jobs(n_jobs)))
    starts = list(range(0, n_clips, batch))
    if store is not None:
        # Processes that share the store, such as the folds of a search, begin at different
        # places: what one has computed, the other need not.
        random.Random(os.urandom(8)).shuffle(starts)
    tasks = (
        delayed(_extract_batch)(items[start : start + batch], start, members, on_error, store)
        for start in starts
    )
    failures: Failures = []
    backend, _ = get_active_backend()
    # joblib's multiprocessing backend, and Ray's, hand out all results at once.
    return_as = "generator" if backend.supports_return_generator else "list"
    results = Parallel(n_jobs=n_jobs, return_as=return_as)(tasks)
    for start, (parts, failed) in zip(starts, results, strict=True):
        for whole, part in zip(values, parts, strict=True):
            whole[start : start + len(part)] = part
        failures += failed
        if progress is not None:
            progress.update(len(items[start : start + batch]))
    if failures:
        _report(failures, n_clips)
    return values


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


def _extract_batch(
    items: Items,
    start: int,
    members: Sequence[AudioExtractor],
    on_error: str,
    store: Store | None,
) -> tuple[list[NDArray[np.float32]], Failures]:
    values = [np.full((len(items), *m.output_shape_), np.nan, np.float32) for m in members]
    failures: Failures = []
    known = {} if store is None else store.read(_keys(store, items, members))
    for row, item in enumerate(items):
        try:
            if store is None:
                clip = list(_extract_clip(item, start + row, members))
            else:
                clip = _extract_missing(item, start + row, members, store, known)
        except AudioError as error:
            if on_error == "raise":
                raise
            failures.append((start + row, error))
        else:
            for part, value in zip(values, clip, strict=True):
                part[row] = value
    return values, failures


def _keys(store: Store, items: Items, members: Sequence[AudioExtractor]) -> list[bytes]:
    keys = (key for item in items for key in store.keys_of(item, members))
    return [key for key in keys if key is not None]


def _extract_missing(
    item: Item,
    index: int,
    members: Sequence[AudioExtractor],
    store: Store,
    known: dict[bytes, NDArray[np.float32]],
) -> list[NDArray[np.float32]]:
    """Compute only what neither `known` nor, by now, the store has."""
    keys = store.keys_of(item, members)
    if any(key is not None and key not in known for key in keys):
        known = known | store.read([key for key in keys if key is not None])
    values = [
        _reshaped(known.get(key), m) if key else None for key, m in zip(keys, members, strict=True)
    ]
    missing = [i for i, value in enumerate(values) if value is None]
    computed = _extract_clip(item, index, [members[i] for i in missing])
    new: dict[bytes, NDArray[np.float32]] = {}
    for i, value in zip(missing, computed, strict=True):
        values[i] = value
        if (key := keys[i]) is not None:
            new[key] = value
    if new:
        store.write(new)
    return [value for value in values if value is not None]


def _reshaped(
    value: NDArray[np.float32] | None, member: AudioExtractor
) -> NDArray[np.float32] | None:
    """Give a kept value its shape; None if it is that of a clip of another length."""
    if value is None or value.size != math.prod(member.output_shape_):
        return None
    return value.reshape(member.output_shape_)


def _extract_clip(
    item: Item, index: int, members: Sequence[AudioExtractor]
) -> Iterator[NDArray[np.float32]]:
    for member, analysis in zip(members, _analyses(item, index, members), strict=True):
        value = member._compute(analysis)
        name = type(member).__name__
        pooling = getattr(member, "pooling", None)
        if value.shape != member.output_shape_:
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


def _report(failures: Failures, n_clips: int) -> None:
    if len(failures) == n_clips:
        raise AudioError(f"None of the {n_clips} clips can be used. The first: {failures[0][1]}")
    listed = "\n".join(f"  {error}" for _, error in sorted(failures, key=itemgetter(0)))
    warnings.warn(
        f"{len(failures)} of {n_clips} clips became rows of NaN:\n{listed}",
        AudioWarning,
        # The caller's line is behind extract, _values, transform and scikit-learn's wrapper.
        stacklevel=6,
    )
