from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_validate
from sklearn.utils import check_consistent_length
from sklearn.utils.metadata_routing import get_routing_for_object

from skser._sklearn_compat import BaseSearchCV, GroupsConsumerMixin, validate_params
from skser._speakers import check_speakers
from skser.compose._meta_classifier import groups_keyword, is_routing

if TYPE_CHECKING:
    import pandas as pd


@validate_params(
    {
        "search": [BaseSearchCV],
        "cv": ["cv_object"],
        "n_jobs": [Integral, None],
        "error_score": [float, str],
    },
    prefer_skip_nested_validation=True,
)
def nested_score(
    search: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    error_score: float | str = np.nan,
) -> pd.DataFrame:
    """Score a search by nested cross-validation, on clips and speakers that it has not seen.

    Each outer fold holds out some clips, runs the whole search on the others, and scores the
    refitted model on the held-out clips. The search splits the other clips again, with its own
    `cv`. Report the mean of ``score``: it estimates the score of this way of choosing and training
    on other speakers. The mean of ``selection_score`` is the score that the searches themselves
    measured; the difference shows how much of it is due to chance.

    Parameters
    ----------
    search : SequentialGroupSelector, GridSearchCV or another search
        Search to score; it is cloned. Its `scoring` is also used in the outer folds.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Paths, `Segment`, `Audio` or arrays of samples.
    y : array-like of shape (n_clips,)
        Labels.
    groups : array-like of shape (n_clips,), default=None
        Speakers, for the outer splitter and the splitter of the search.
    cv : int, splitter or iterable of (train, test), default=None
        Outer folds. If an int, the number of folds; None is the same as 5. These folds are
        stratified and, with `groups`, speaker-independent; there are at most as many of them as
        speakers.
    n_jobs : int, default=None
        Number of processes among which the outer folds are distributed, as for `joblib.Parallel`.
    error_score : "raise" or float, default=nan
        Score of an outer fold whose search fails. With NaN, the other folds are kept, with a
        warning.

    Returns
    -------
    table : pandas.DataFrame
        One row per outer fold: ``score`` on the held-out clips, ``selection_score`` on the folds
        of the search, ``chosen`` (the chosen members or parameters), and ``n_train`` and
        ``n_test``, numbers of clips.

    See Also
    --------
    SequentialGroupSelector : Choose members of a union one by one.

    Examples
    --------
    >>> from sklearn.model_selection import StratifiedGroupKFold
    >>> from sklearn.pipeline import Pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import (MFCC, RMS, SequentialGroupSelector, make_audio_union,
    ...                    make_emotional_speech, nested_score)
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=1, random_state=0)
    >>> pipeline = Pipeline([("features", make_audio_union(RMS(), MFCC(8))), ("classify", SVC())])
    >>> selector = SequentialGroupSelector(pipeline, cv=StratifiedGroupKFold(2))
    >>> table = nested_score(selector, speech.data, speech.target, groups=speech.groups, cv=2)
    >>> table.columns.tolist()
    ['score', 'selection_score', 'chosen', 'n_train', 'n_test']
    """
    import pandas as pd

    if not search.refit:
        raise ValueError(
            f"{type(search).__name__} has refit={search.refit!r}, so there is nothing to score on "
            "the held-out clips. Set refit=True."
        )
    check_consistent_length(X, y, groups)
    if groups is not None:
        groups = check_speakers(groups, X)
    elif by_speaker := [s for s in (cv, search.cv) if isinstance(s, GroupsConsumerMixin)]:
        raise ValueError(
            f"cv={by_speaker[0]!r} needs the speaker of each clip, and no groups were given. Call "
            "nested_score(search, X, y, groups=groups)."
        )
    if cv is None or isinstance(cv, Integral):
        cv = _folds(5 if cv is None else int(cv), groups)
    metadata: dict[str, Any] = {}
    if groups is not None and is_routing():
        metadata["params"] = dict.fromkeys(_keywords(search, cv), groups)
    elif groups is not None:
        # Without routing, params go to fit only.
        metadata = {"params": {"groups": groups}, "groups": groups}
    results = cross_validate(
        search,
        X,
        y,
        cv=cv,
        n_jobs=n_jobs,
        error_score=error_score,
        return_estimator=True,
        return_indices=True,
        **metadata,
    )
    fitted = results["estimator"]
    return pd.DataFrame(
        {
            "score": results["test_score"],
            "selection_score": [getattr(inner, "best_score_", np.nan) for inner in fitted],
            "chosen": pd.Series([_chosen(inner) for inner in fitted], dtype=object),
            "n_train": [len(train) for train in results["indices"]["train"]],
            "n_test": [len(test) for test in results["indices"]["test"]],
        }
    ).rename_axis("fold")


def _chosen(search: Any) -> Any:
    """Return the chosen members or parameters; None if the search failed."""
    return getattr(search, "groups_", getattr(search, "best_params_", None))


def _keywords(search: Any, cv: Any) -> set[str]:
    """Return the keywords of those that request the groups, with metadata routing."""
    names = {"groups", groups_keyword(cv), groups_keyword(search.cv)}
    of_search: set[str] = get_routing_for_object(search).consumes("fit", names)
    return of_search | get_routing_for_object(cv).consumes("split", names)


def _folds(n_folds: int, groups: Any) -> Any:
    if groups is None:
        return StratifiedKFold(n_folds, shuffle=True, random_state=0)
    n_speakers = len(np.unique(np.asarray(groups).astype(str)))
    if n_speakers < 2:
        raise ValueError(
            "groups names one speaker only, who cannot be held out. Pass clips of at least two "
            "speakers, or groups=None."
        )
    return StratifiedGroupKFold(min(n_folds, n_speakers), shuffle=True, random_state=0)
