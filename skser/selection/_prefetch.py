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
    """What one pass over the clips computes."""

    items: Items
    n_jobs: int | None
    progress: bool | str = False
    members: dict[bytes, Member] = field(default_factory=dict)


@validate_params({"estimator": [HasMethods(["fit"])]}, prefer_skip_nested_validation=True)
def prefetch(estimator: Any, X: Any) -> None:
    """Compute every value that a search will ask for, in one pass over the clips.

    A search over features comes to each value of each clip for the first time in some fold of
    some candidate, and each time reads the clip again. Here the members of all candidates are put
    together first, each with its parameters (``n_mfcc``, ``n_fft``, ``duration`` ...), and each
    clip is read and analysed once for all of them. The values go into the `memory` of the unions,
    where the search finds them. What is there already is not computed again.

    Parameters
    ----------
    estimator : estimator
        A search such as `GridSearchCV` over `incremental_grid`, `SequentialGroupSelector`, or any
        estimator that holds an `AudioFeatureUnion`, at any depth. It is not changed. The unions
        need `memory`; their `n_jobs` (where None, that of the search), `progress` and `on_error`
        hold here too. `RandomizedSearchCV` needs an int as `random_state`, because otherwise it
        draws other candidates at each fit.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Paths, `Segment`, `Audio` or arrays of samples: those that the search will get.

    Raises
    ------
    ValueError
        If there is no `AudioFeatureUnion`, one has no `memory`, another step changes the clips
        before a union gets them, or the candidates are not known before the search runs.
    AudioError
        If a clip cannot be used and `on_error` is "raise"; the message names it.

    Warns
    -----
    AudioWarning
        If the values of a member cannot be kept (a callable `pooling`, say), a candidate cannot
        be set up (the search will give it its `error_score`), or, with ``on_error="nan"``, clips
        cannot be used.

    See Also
    --------
    FeatureStore : What is kept, and how a value is known.

    Notes
    -----
    A clip is decoded once for each sample rate that a member asks for. ``duration="max"`` is
    that of the longest clip of X; folds whose training part lacks this clip ask for another.
    Members that are no features of this package are computed in the search.

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

    Of each of ten clips there are three values: ZCR, 13 and 20 MFCC.

    >>> cache_info(folder)["n_values"]
    30
    >>> clear_cache(folder)
    """
    failures = _compute(_unions_that_keep(estimator), estimator, X)
    if failures:
        # The caller's line is behind prefetch and the check of its parameters.
        warn_of_failures(failures.items(), len(X), "nothing was kept of them", stacklevel=3)


def prefetch_usable(estimator: Any, X: Any) -> dict[int, AudioError]:
    """Do what `prefetch` does, but return the clips that cannot be used instead of warning of them.

    Parameters
    ----------
    estimator : estimator
        As for `prefetch`. Where its unions have ``on_error="raise"``, this raises.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        As for `prefetch`.

    Returns
    -------
    failures : dict
        From the place of a clip in X to what is wrong with it.
    """
    return _compute(_unions_that_keep(estimator), estimator, X)


def _unions_that_keep(estimator: Any) -> list[AudioFeatureUnion]:
    """Return every union in an estimator, or raise if one cannot keep the values of the clips."""
    found = list(unions_in(estimator))
    if not found:
        raise ValueError(
            f"{type(estimator).__name__} holds no AudioFeatureUnion, whose memory could keep "
            "values. Put the features into make_audio_union(..., memory=folder)."
        )
    for union, behind in found:
        if behind is not None:
            raise ValueError(
                f"The AudioFeatureUnion gets the clips that {behind} makes of those in X, so "
                "that its values cannot be computed from X. Save what it makes as files, or "
                "search without prefetch."
            )
        if union.memory is None:
            raise ValueError(
                "The AudioFeatureUnion has memory=None, so that it cannot keep values. Set its "
                "memory to a folder: make_audio_union(..., memory=folder)."
            )
    return [union for union, _ in found]


def prefetch_where_kept(search: Any, X: Any) -> None:
    """Compute what the unions of a search will ask for, where that is kept.

    A clip that cannot be used is a warning, unless the search raises all errors: some candidates
    may do without the member that fails.
    """
    unions = [u for u, behind in unions_in(search) if behind is None and u.memory is not None]
    try:
        failures = _compute(unions, search, X)
    except AudioError as error:
        if search.error_score == "raise":
            raise
        warnings.warn(f"Not all values could be computed ahead: {error}", AudioWarning, 3)
    else:
        if failures:
            warn_of_failures(failures.items(), len(X), "nothing was kept of them", stacklevel=3)


def _compute(unions: Iterable[AudioFeatureUnion], estimator: Any, X: Any) -> dict[int, AudioError]:
    """Compute what the unions ask for, a pass over the clips for each store.

    Returns what is wrong with the clips that cannot be used, by their place.
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
    """Put the members of all unions together, each once, by the store and the care they need."""
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
            f"The values of {', '.join(unkept)} cannot be kept, because it cannot be told what "
            "computes them (a function as a parameter, or a class defined in a script); the "
            "search computes them each time.",
            AudioWarning,
            stacklevel=5,
        )
    return gathered


def _settled(
    unions: Iterable[AudioFeatureUnion], X: Any, *, lenient: bool
) -> Iterator[tuple[AudioFeatureUnion, Items]]:
    """Yield a copy of each union with its members' framing settled, and the clips it has any of."""
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
            f"{len(failures)} candidates cannot be set up, and nothing is computed for them. The "
            f"first one: {failures[0]}",
            AudioWarning,
            stacklevel=6,
        )
