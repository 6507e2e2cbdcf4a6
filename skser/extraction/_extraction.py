"""Look up the values of clips in a store, or compute them in batches, processes or a cluster."""

from __future__ import annotations

import math
import os
import random
import warnings
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from operator import itemgetter
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import LokyBackend, get_active_backend
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.audio._items import Item, Items
from skser.exceptions import AudioError, AudioWarning
from skser.extraction._clip import analyse, compute, extract_clip
from skser.extraction._doubts import Doubt, look_like_features, report
from skser.extraction._feature_store import FeatureStore, OpenStore
from skser.extraction._identity import keys_of
from skser.extraction._member import Member
from skser.extraction._one_thread import one_thread
from skser.preprocessing._ragged import fits

if TYPE_CHECKING:
    from skser._progress import Counter

_BATCH = 32
"""Maximum number of clips per task: enough to hide its overhead, few enough to show progress."""

_LOOKED_UP = 200
"""Number of clips that are looked up in a store at once: their values take little memory."""

Failures = list[tuple[int, AudioError]]
Indices = Sequence[int]
Result = TypeVar("Result")
Key = TypeVar("Key", bound=Hashable)


def extract(
    items: Items,
    members: Sequence[Member],
    *,
    n_jobs: int | None = None,
    on_error: str = "raise",
    progress: Counter | None = None,
    store: FeatureStore | None = None,
    warns: bool = True,
) -> list[NDArray[Any]]:
    """Compute the values of every clip for every member.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    members : sequence of Member
        Descriptions of the features.
    n_jobs : int, default=None
        Number of processes, as for `joblib.Parallel`.
    on_error : {"raise", "nan"}, default="raise"
        Whether a clip that cannot be used raises an error, or its values become NaN and one
        warning lists all such clips.
    progress : Counter, default=None
        Object that is notified how many clips are done.
    store : FeatureStore, default=None
        Store in which values are looked up first, and kept.
    warns : bool, default=True
        Whether to warn of silent and very short clips. Those in the store are not read again.

    Returns
    -------
    values : list of ndarray of shape (n_clips, *output_shape), dtype=float32
        One array per member. If the shape contains None and clips differ in length, it is an
        object array of shape (n_clips,) with one array per clip.
    """
    n_clips = len(items)
    values = [_unfilled(n_clips, member) for member in members]
    missing = range(n_clips) if store is None else _look_up(items, members, store, values)
    batches = _batches(missing, effective_n_jobs(n_jobs))
    if store is not None:
        # Processes that share the store, such as the folds of a search, then begin at different
        # places, and need not compute what another has computed.
        random.Random(os.urandom(8)).shuffle(batches)
    failures: Failures = []
    doubts: list[Doubt] = []
    if progress is not None:
        progress.update(n_clips - len(missing))
    compute_batch = partial(_extract_batch, members=members, on_error=on_error, store=store)
    for batch, (parts, failed, doubted) in _in_parallel(compute_batch, items, batches, n_jobs):
        for whole, part in zip(values, parts, strict=True):
            whole[batch] = part
        failures += failed
        doubts += doubted
        if progress is not None:
            progress.update(len(batch))
    # The stack above the caller: extract, _values, transform and scikit-learn's wrapper.
    if failures:
        warn_of_failures(failures, n_clips, "their values are NaN", stacklevel=5)
    if warns:
        if isinstance(items, np.ndarray) and look_like_features(items, members[0].framing.plan):
            # fit has warned of them.
            doubts = [each for each in doubts if not each.is_short]
        report(doubts, n_clips, stacklevel=5)
    return [_stacked_if_equal(whole) for whole in values]


def fill(
    items: Items,
    members: Sequence[Member],
    store: FeatureStore,
    *,
    n_jobs: int | None = None,
    on_error: str = "raise",
    progress: Counter | None = None,
) -> Failures:
    """Compute the values that a store lacks, and keep them only there.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    members : sequence of Member
        Descriptions of the features. Their shapes need not be known.
    store : FeatureStore
        Store in which values are kept.
    n_jobs : int, default=None
        Number of processes, as for `joblib.Parallel`.
    on_error : {"raise", "nan"}, default="raise"
        Whether to raise an error or to continue after a clip that cannot be used.
    progress : Counter, default=None
        Object that is notified how many clips are done.

    Returns
    -------
    failures : list of (int, AudioError)
        Index of each clip that cannot be used, and the reason.
    """
    missing = _missing(items, members, store)
    if progress is not None:
        progress.update(len(items) - len(missing))
    batches = _batches(missing, effective_n_jobs(n_jobs))
    failures: Failures = []
    fill_batch = partial(_fill_batch, members=members, on_error=on_error, store=store)
    for batch, failed in _in_parallel(fill_batch, items, batches, n_jobs):
        failures += failed
        if progress is not None:
            progress.update(len(batch))
    return failures


def find_failing(
    items: Items, members: Mapping[Key, Member], store: FeatureStore, on_error: str
) -> dict[Key, Exception]:
    """Compute and keep the values of the first clip that can be used, to find members that fail.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    members : mapping of key to Member
        Descriptions of the features. Their shapes need not be known.
    store : FeatureStore
        Store in which the values are looked up first, and kept.
    on_error : {"raise", "nan"}
        Whether to raise an error for a clip that cannot be used, or to take the next one.

    Returns
    -------
    failing : dict of key to Exception
        Error of each member that raises any other error than `AudioError`, which is about the clip.
    """
    with one_thread():
        for index, item in enumerate(items):
            try:
                _keep_values(item, index, list(members.values()), store)
                return {}
            except AudioError:
                if on_error == "raise":
                    raise
            except Exception:
                failing = {}
                for key, member in members.items():
                    try:
                        _keep_values(item, index, [member], store)
                    except AudioError:
                        continue
                    except Exception as error:
                        failing[key] = error
                return failing
    return {}


def _keep_values(item: Item, index: int, members: Sequence[Member], store: FeatureStore) -> None:
    [keys] = keys_of([item], members)
    with store._opened() as kept:
        _extract_missing(item, index, members, keys, kept, [])


def _in_parallel(
    function: Callable[[Items, Indices], Result],
    items: Items,
    batches: Sequence[Indices],
    n_jobs: int | None,
) -> Iterator[tuple[Indices, Result]]:
    """Yield every batch, in any order, with the result of a function for its clips."""
    backend, _ = get_active_backend()
    if len(batches) == 1 and isinstance(backend, LokyBackend):
        # Starting processes for one batch would delay the answer of a server by seconds.
        n_jobs = 1
    # joblib's multiprocessing backend, and Ray's, return all results at once.
    return_as = "generator_unordered" if backend.supports_return_generator else "list"
    waiting = deque(batches)
    parallel = Parallel(n_jobs=n_jobs, return_as=return_as)
    results: Any = ()
    try:
        results = parallel(
            delayed(_with_its_batch)(function, [items[i] for i in batch], batch)
            for batch in _taken_from(waiting)
        )
        if isinstance(backend, LokyBackend) and effective_n_jobs(n_jobs) > 1:
            # New processes import for seconds. Meanwhile, this one begins at the other end.
            for batch in _taken_while_they_start(waiting, parallel):
                yield _with_its_batch(function, [items[i] for i in batch], batch)
        yield from results
    except PicklingError as error:
        raise AudioError(
            f"n_jobs={n_jobs!r}: clips or features cannot be sent to another process "
            f"({error.__cause__ or error}). Instead of an open file, pass its path or "
            "io.BytesIO(file.read()), or use n_jobs=1."
        ) from error
    finally:
        waiting.clear()
        if hasattr(results, "close"):
            with warnings.catch_warnings():
                # joblib warns about the number of cancelled tasks.
                warnings.simplefilter("ignore")
                results.close()


def _taken_while_they_start(waiting: deque[Indices], parallel: Parallel) -> Iterator[Indices]:
    """Take batches from the right until another process has finished one, or failed."""
    with suppress(IndexError):
        while not parallel.n_completed_tasks and not getattr(parallel, "_exception", False):
            yield waiting.pop()


def _taken_from(waiting: deque[Indices]) -> Iterator[Indices]:
    """Take batches from the left; others may take them from the right."""
    with suppress(IndexError):
        while True:
            yield waiting.popleft()


def _with_its_batch(
    function: Callable[[Items, Indices], Result], items: Items, batch: Indices
) -> tuple[Indices, Result]:
    return batch, function(items, batch)


def learn_from_first_clip(
    items: Items, members: Sequence[Member], *, on_error: str = "raise", store: FeatureStore | None
) -> list[tuple[Analysis, tuple[int, ...]]]:
    """Analyse the first clip, and learn the shapes of its values.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    members : sequence of Member
        Descriptions of the features, whose shapes are not known yet.
    on_error : {"raise", "nan"}, default="raise"
        Whether to raise an error if the first clip cannot be used, or to take the first clip
        that can.
    store : FeatureStore or None
        Store in which the values are looked up first, and kept.

    Returns
    -------
    learnt : list of (Analysis, tuple of int)
        Analysis of the clip for each member, and the shape of its values.
    """
    first: AudioError | None = None
    for index, item in enumerate(items):
        try:
            with one_thread():
                analyses = list(analyse(item, index, members))
                shapes = _shapes(item, index, members, analyses, store)
            return list(zip(analyses, shapes, strict=True))
        except AudioError as error:
            if on_error == "raise":
                raise
            first = first or error
    raise AudioError(
        f"None of the {len(items)} clips can be used, but fit needs at least one. {first}"
    )


def _shapes(
    item: Item,
    index: int,
    members: Sequence[Member],
    analyses: Sequence[Analysis],
    store: FeatureStore | None,
) -> list[tuple[int, ...]]:
    if store is None:
        return [
            compute(member, analysis, item, index).shape
            for member, analysis in zip(members, analyses, strict=True)
        ]
    [keys] = keys_of([item], members)
    with store._opened() as kept:
        return [value.shape for value in _extract_missing(item, index, members, keys, kept, [])]


def _unfilled(n_clips: int, member: Member) -> NDArray[Any]:
    shape = member.output_shape
    assert shape is not None
    # The length of a clip that cannot be used is unknown, so its image has one frame.
    of_clip = np.full([n or 1 for n in shape], np.nan, dtype=np.float32)
    if None not in shape:
        return np.repeat(of_clip[np.newaxis], n_clips, axis=0)
    values = np.empty(n_clips, dtype=object)
    for index in range(n_clips):
        values[index] = of_clip
    return values


def _stacked_if_equal(values: NDArray[Any]) -> NDArray[Any]:
    """Stack an object array whose elements have the same shape into one array."""
    if values.dtype == object and len({value.shape for value in values}) == 1:
        return np.stack(list(values))
    return values


def _batches(indices: Sequence[int], n_workers: int) -> list[Sequence[int]]:
    """Divide indices into batches so that all workers get the same number of batches."""
    n_parts = n_workers * math.ceil(len(indices) / (_BATCH * n_workers))
    size = math.ceil(len(indices) / max(1, n_parts))
    return [indices[start : start + size] for start in range(0, len(indices), max(1, size))]


def _look_up(
    items: Items, members: Sequence[Member], store: FeatureStore, values: Sequence[NDArray[Any]]
) -> list[int]:
    """Fill in the clips for which the store has all values; return the indices of the others."""
    missing = []
    with store._opened() as kept:
        for start in range(0, len(items), _LOOKED_UP):
            keys = keys_of(items[start : start + _LOOKED_UP], members)
            found = kept.read([key for of_clip in keys for key in of_clip if key is not None])
            for index, of_clip in enumerate(keys, start):
                clip = _known(of_clip, members, found)
                if any(value is None for value in clip):
                    missing.append(index)
                    continue
                for whole, value in zip(values, clip, strict=True):
                    whole[index] = value
    return missing


def _missing(items: Items, members: Sequence[Member], store: FeatureStore) -> list[int]:
    """Return the indices of the clips for which the store lacks a value."""
    missing: list[int] = []
    with store._opened() as kept:
        for start in range(0, len(items), _LOOKED_UP):
            keys = keys_of(items[start : start + _LOOKED_UP], members)
            found = kept.read([key for of_clip in keys for key in of_clip if key is not None])
            missing += [
                index
                for index, of_clip in enumerate(keys, start)
                if any(value is None for value in _known(of_clip, members, found))
            ]
    return missing


def _known(
    keys: Sequence[bytes | None],
    members: Sequence[Member],
    found: Mapping[bytes, NDArray[np.float32]],
) -> list[NDArray[np.float32] | None]:
    """Return what was found for each member, or None; a value of another shape counts as None."""
    return [
        value
        if key is not None
        and (value := found.get(key)) is not None
        and (member.output_shape is None or fits(value.shape, member.output_shape))
        else None
        for key, member in zip(keys, members, strict=True)
    ]


def _extract_batch(
    items: Items,
    indices: Sequence[int],
    members: Sequence[Member],
    on_error: str,
    store: FeatureStore | None,
) -> tuple[list[NDArray[Any]], Failures, list[Doubt]]:
    values = [_unfilled(len(items), member) for member in members]
    failures: Failures = []
    doubts: list[Doubt] = []
    with one_thread(), nullcontext() if store is None else store._opened() as kept:
        keys = _no_keys(items, members) if store is None else keys_of(items, members)
        for row, (item, index) in enumerate(zip(items, indices, strict=True)):
            try:
                clip = _extract_missing(item, index, members, keys[row], kept, doubts)
            except AudioError as error:
                if on_error == "raise":
                    raise
                failures.append((index, error))
            else:
                for part, value in zip(values, clip, strict=True):
                    part[row] = value
    return values, failures, doubts


def _fill_batch(
    items: Items,
    indices: Sequence[int],
    members: Sequence[Member],
    on_error: str,
    store: FeatureStore,
) -> Failures:
    failures: Failures = []
    with one_thread(), store._opened() as kept:
        keys = keys_of(items, members)
        for item, index, of_clip in zip(items, indices, keys, strict=True):
            try:
                _extract_missing(item, index, members, of_clip, kept, [])
            except AudioError as error:
                if on_error == "raise":
                    raise
                failures.append((index, error))
    return failures


def _no_keys(items: Items, members: Sequence[Member]) -> list[list[bytes | None]]:
    return [[None] * len(members)] * len(items)


def _extract_missing(
    item: Item,
    index: int,
    members: Sequence[Member],
    keys: Sequence[bytes | None],
    kept: OpenStore | None,
    doubts: list[Doubt],
) -> list[NDArray[np.float32]]:
    """Compute the values that the store does not have yet, and keep them."""
    found = {} if kept is None else kept.read([key for key in keys if key is not None])
    values = _known(keys, members, found)
    missing = [i for i, value in enumerate(values) if value is None]
    computed = extract_clip(item, index, [members[i] for i in missing], doubts)
    new: dict[bytes, NDArray[np.float32]] = {}
    for i, value in zip(missing, computed, strict=True):
        values[i] = value
        if (key := keys[i]) is not None:
            new[key] = value
    if kept is not None and new:
        kept.write(new)
    return [value for value in values if value is not None]


def warn_of_failures(
    failures: Iterable[tuple[int, AudioError]], n_clips: int, consequence: str, *, stacklevel: int
) -> None:
    """Emit a single warning that lists all clips that cannot be used, in order.

    The stack level is relative to the function that calls this one.
    """
    listed = [f"  {error}" for _, error in sorted(failures, key=itemgetter(0))]
    warnings.warn(
        f"{len(listed)} of {n_clips} clips cannot be used; {consequence}:\n" + "\n".join(listed),
        AudioWarning,
        stacklevel=stacklevel + 1,
    )
