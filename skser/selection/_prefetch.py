from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone

from skser._progress import progress_bar
from skser._sklearn_compat import HasMethods, InvalidParameterError, validate_params
from skser.audio._items import Items
from skser.compose import AudioFeatureUnion
from skser.exceptions import AudioError, AudioWarning
from skser.extraction import FeatureStore
from skser.extraction._extraction import fill, find_failing, warn_of_failures
from skser.extraction._feature_store import as_store
from skser.extraction._identity import identify_feature
from skser.extraction._member import Member
from skser.selection._candidates import unions_in
from skser.selection._groups import members_of


@dataclass
class _Work:
    """Values to compute in one pass over the clips."""

    items: Items
    n_jobs: int | None
    progress: bool | str = False
    members: dict[bytes, Member] = field(default_factory=dict)
    """Members by what identifies their values."""
    names: dict[bytes, str] = field(default_factory=dict)
    """Names of the members in their unions."""


@dataclass
class _Failures:
    """What could not be computed."""

    clips: dict[int, AudioError] = field(default_factory=dict)
    """Error of each clip that cannot be used, by its index."""
    members: dict[str, Exception] = field(default_factory=dict)
    """Error of each member whose values cannot be computed from any clip, by its description."""

    def add_member(self, name: str, error: Exception) -> None:
        """Add a member; the same error of several candidates counts once."""
        self.members.setdefault(f"{name}: {error}", error)

    def raise_of_member(self) -> None:
        """Raise the error of the first member, if there is one."""
        for error in self.members.values():
            if isinstance(error, InvalidParameterError):
                # validate_params would take it for an error of the parameters of prefetch.
                raise ValueError(str(error)) from error
            raise error


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
        before a union receives them, or the candidates are not known before the search runs. If the
        values of no member can be computed, the error of the first member is raised.
    AudioError
        If a clip cannot be used and `on_error` is "raise"; the message names it.

    Warns
    -----
    AudioWarning
        If the values of a member cannot be cached (for example with a callable `pooling`); if those
        of a member cannot be computed, because a parameter is invalid (the values of all other
        members are computed, and the search gives its `error_score` to the candidates that fail);
        or, with ``on_error="nan"``, if clips cannot be used.

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
    # The stack level skips prefetch and the check of its parameters, to point at the caller's line.
    _warn_of_clips(failures, X, stacklevel=3)
    if failures.members:
        warnings.warn(
            "Some values cannot be computed, so each fit that needs them will fail:\n"
            + "\n".join(f"  {what}" for what in failures.members),
            AudioWarning,
            stacklevel=3,
        )


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
    failures = _compute(_unions_that_keep(estimator), estimator, X)
    failures.raise_of_member()
    return failures.clips


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

    What fails is left to the search: it meets the same error where it needs the value, and its
    `error_score` decides.
    """
    try:
        unions = [u for u, behind in unions_in(search) if behind is None and u.memory is not None]
        failures = _compute(unions, search, X)
    except Exception as error:
        if search.error_score != "raise":
            warnings.warn(f"Not all values could be computed in advance: {error}", AudioWarning, 3)
    else:
        _warn_of_clips(failures, X, stacklevel=3)


def _warn_of_clips(failures: _Failures, X: Any, *, stacklevel: int) -> None:
    """Emit one warning that lists the clips that cannot be used, if there are any."""
    if failures.clips:
        listed = failures.clips.items()
        warn_of_failures(listed, len(X), "no values of them were kept", stacklevel=stacklevel + 1)


def _compute(unions: Iterable[AudioFeatureUnion], estimator: Any, X: Any) -> _Failures:
    """Compute the values that the unions need, with one pass over the clips for each store.

    Return what fails; raise if the values of no member can be computed.
    """
    failures = _Failures()
    n_members = 0
    for (store, on_error), work in _gather(unions, X, failures).items():
        for key, error in find_failing(work.items, work.members, store, on_error).items():
            failures.add_member(work.names[key], error)
            del work.members[key]
        n_members += len(work.members)
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
        failures.clips |= dict(failed)
    if not n_members:
        failures.raise_of_member()
    return failures


def _gather(
    unions: Iterable[AudioFeatureUnion], X: Any, failures: _Failures
) -> dict[tuple[FeatureStore, str], _Work]:
    """Collect the members of all unions, each once, by their store and their `on_error`."""
    gathered: dict[tuple[FeatureStore, str], _Work] = {}
    unkept: dict[str, None] = {}
    for union, items in _settled(unions, X, failures):
        store = as_store(union.memory)
        assert store is not None
        work = gathered.setdefault((store, union.on_error), _Work(items, union.n_jobs))
        if union.progress is True or not work.progress:
            work.progress = union.progress
        for (name, _), member in zip(union._features(), union._described(), strict=True):
            key = identify_feature(member)
            if key is None:
                unkept[member.name] = None
            else:
                work.members[key] = member
                work.names[key] = name
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
    unions: Iterable[AudioFeatureUnion], X: Any, failures: _Failures
) -> Iterator[tuple[AudioFeatureUnion, Items]]:
    """Yield a copy of each union that has features, with their framing set, and its clips.

    Of a union that cannot be set up, yield a copy with each member that can, alone.
    """
    for union in unions:
        copy = clone(union)
        try:
            items = copy._settle(X)
        except Exception:
            yield from _settled_alone(union, X, failures)
        else:
            if items is not None:
                yield copy, items


def _settled_alone(
    union: AudioFeatureUnion, X: Any, failures: _Failures
) -> Iterator[tuple[AudioFeatureUnion, Items]]:
    """Yield a copy of a union with each of its members alone, if this can be set up."""
    names = members_of(union)
    for name in names:
        alone = clone(union).set_params(**{other: "drop" for other in names if other != name})
        try:
            items = alone._settle(X)
        except Exception as error:
            failures.add_member(name, error)
        else:
            if items is not None:
                yield alone, items
