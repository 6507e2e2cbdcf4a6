from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone

from skser._progress import progress_bar
from skser._sklearn_compat import HasMethods, validate_params
from skser.audio._items import Items
from skser.compose import AudioFeatureUnion
from skser.exceptions import AudioError, AudioWarning
from skser.extraction import FeatureStore
from skser.extraction._extraction import fill, warn_of_failures
from skser.extraction._feature_store import as_store
from skser.extraction._identity import identify_feature
from skser.extraction._member import Member
from skser.selection._candidates import unions_in


@dataclass
class _Work:
    """Values to compute in one pass over the clips."""

    items: Items
    n_jobs: int | None
    progress: bool | str = False
    members: dict[bytes, Member] = field(default_factory=dict)


@validate_params({"estimator": [HasMethods(["fit"])]}, prefer_skip_nested_validation=True)
def prefetch(estimator: Any, X: Any) -> None:
    """Compute all values that a search will need, in one pass over the clips.

    On its own, a search computes a value when a fold of a candidate first needs it, and reads the
    clip again for each such value. This function first collects the members of all candidates, each
    with its parameters (``n_mfcc``, ``n_fft``, ``duration`` ...), and then reads and analyses each
    clip once for all of them. The values are stored in the `memory` of the unions, where the search
    finds them. Values that are already stored are not computed again.

    Parameters
    ----------
    estimator : estimator
        Search, such as `GridSearchCV` over `incremental_grid`, `SequentialGroupSelector`, or any
        estimator that contains an `AudioFeatureUnion`, at any depth. It is not changed. The unions
        need `memory`; their `n_jobs` (if None, that of the search), `progress` and `on_error` apply
        here too. `RandomizedSearchCV` needs an int as `random_state`, because otherwise it draws
        different candidates at each fit.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Clips that will be passed to the search: paths, `Segment`, `Audio` or arrays of samples.

    Raises
    ------
    ValueError
        If there is no `AudioFeatureUnion`, a union has no `memory`, another step changes the clips
        before a union receives them, or the candidates are not known before the search runs.
    AudioError
        If a clip cannot be used and `on_error` is "raise"; the message names it.

    Warns
    -----
    AudioWarning
        If the values of a member cannot be cached (for example with a callable `pooling`), a
        candidate cannot be set up (the search will give it its `error_score`), or, with
        ``on_error="nan"``, clips cannot be used.

    See Also
    --------
    FeatureStore : Cache of computed values, with notes on how values are identified.

    Notes
    -----
    A clip is decoded once for each sample rate that a member needs. ``duration="max"`` is the
    duration of the longest clip of X; folds whose training part lacks this clip need another.
    Members that are not features of this package are computed in the search.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import Pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import (MFCC, ZCR, cache_info, clear_cache, incremental_grid,
    ...                    make_audio_union, make_emotional_speech, prefetch)
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    >>> folder = tempfile.mkdtemp()
    >>> pipeline = Pipeline([
    ...     ("features", make_audio_union(ZCR(), MFCC(), memory=folder)),
    ...     ("classify", SVC()),
    ... ])
    >>> grids = incremental_grid("features", ["zcr"], ["mfcc"], features__mfcc__n_mfcc=[13, 20])
    >>> search = GridSearchCV(pipeline, grids, cv=2)
    >>> prefetch(search, speech.data)

    Each of the ten clips has three values: ZCR, 13 MFCC and 20 MFCC.

    >>> cache_info(folder)["n_values"]
    30
    >>> clear_cache(folder)
    """
    failures = _compute(_unions_that_keep(estimator), estimator, X)
    if failures:
        # Skips prefetch and the check of its parameters, to point at the caller's line.
        warn_of_failures(failures.items(), len(X), "no values of them were kept", stacklevel=3)


def prefetch_usable(estimator: Any, X: Any) -> dict[int, AudioError]:
    """Prefetch like `prefetch`, but return the clips that cannot be used instead of a warning.

    Parameters
    ----------
    estimator : estimator
        As for `prefetch`. If its unions have ``on_error="raise"``, this function raises.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        As for `prefetch`.

    Returns
    -------
    failures : dict
        Error of each clip that cannot be used, by the index of the clip in X.
    """
    return _compute(_unions_that_keep(estimator), estimator, X)


def _unions_that_keep(estimator: Any) -> list[AudioFeatureUnion]:
    """Return every union in an estimator, or raise if one cannot keep the values of the clips."""
    found = list(unions_in(estimator))
    if not found:
        raise ValueError(
            f"{type(estimator).__name__} holds no AudioFeatureUnion whose memory could keep "
            "values. Put the features into make_audio_union(..., memory=folder)."
        )
    for union, behind in found:
        if behind is not None:
            raise ValueError(
                f"The AudioFeatureUnion gets the clips that {behind} makes from those in X, so "
                "its values cannot be computed from X. Save these clips as files, or search "
                "without prefetch."
            )
        if union.memory is None:
            raise ValueError(
                "The AudioFeatureUnion has memory=None, so it cannot keep values. Set its memory "
                "to a folder: make_audio_union(..., memory=folder)."
            )
    return [union for union, _ in found]


def prefetch_where_kept(search: Any, X: Any) -> None:
    """Compute the values that a search will need, for those of its unions that have a `memory`.

    A clip that cannot be used leads to a warning, unless the search raises all errors: some
    candidates may not use the member that fails.
    """
    unions = [u for u, behind in unions_in(search) if behind is None and u.memory is not None]
    try:
        failures = _compute(unions, search, X)
    except AudioError as error:
        if search.error_score == "raise":
            raise
        warnings.warn(f"Not all values could be computed in advance: {error}", AudioWarning, 3)
    else:
        if failures:
            warn_of_failures(failures.items(), len(X), "no values of them were kept", stacklevel=3)


def _compute(unions: Iterable[AudioFeatureUnion], estimator: Any, X: Any) -> dict[int, AudioError]:
    """Compute the values that the unions need, with one pass over the clips for each store.

    Return the errors of the clips that cannot be used, by their index.
    """
    failures: dict[int, AudioError] = {}
    lenient = getattr(estimator, "error_score", "raise") != "raise"
    for (store, on_error), work in _gather(unions, X, lenient=lenient).items():
        n_jobs = getattr(estimator, "n_jobs", None) if work.n_jobs is None else work.n_jobs
        with progress_bar(len(work.items), work.progress) as bar:
            failed = fill(
                work.items,
                list(work.members.values()),
                store,
                n_jobs=n_jobs,
                on_error=on_error,
                progress=bar,
            )
        failures |= dict(failed)
    return failures


def _gather(
    unions: Iterable[AudioFeatureUnion], X: Any, *, lenient: bool
) -> dict[tuple[FeatureStore, str], _Work]:
    """Collect the members of all unions, each once, by their store and their `on_error`."""
    gathered: dict[tuple[FeatureStore, str], _Work] = {}
    unkept: dict[str, None] = {}
    for union, items in _settled(unions, X, lenient=lenient):
        store = as_store(union.memory)
        assert store is not None
        work = gathered.setdefault((store, union.on_error), _Work(items, union.n_jobs))
        if union.progress is True or not work.progress:
            work.progress = union.progress
        for member in union._described():
            key = identify_feature(member)
            if key is None:
                unkept[member.name] = None
            else:
                work.members[key] = member
    if unkept:
        warnings.warn(
            f"The values of {', '.join(unkept)} cannot be kept, because the code that computes "
            "them cannot be identified (a function as a parameter, or a class defined in a "
            "script). The search computes them each time.",
            AudioWarning,
            stacklevel=5,
        )
    return gathered


def _settled(
    unions: Iterable[AudioFeatureUnion], X: Any, *, lenient: bool
) -> Iterator[tuple[AudioFeatureUnion, Items]]:
    """Yield a copy of each union that has features, with their framing set, and its clips."""
    failures: list[Exception] = []
    n_settled = 0
    for union in unions:
        copy = clone(union)
        try:
            items = copy._settle(X)
        except Exception as error:
            if not lenient:
                raise
            failures.append(error)
            continue
        n_settled += 1
        if items is not None:
            yield copy, items
    if failures and not n_settled:
        raise failures[0]
    if failures:
        warnings.warn(
            f"{len(failures)} candidates cannot be set up, so nothing is computed for them. The "
            f"first error: {failures[0]}",
            AudioWarning,
            stacklevel=6,
        )
