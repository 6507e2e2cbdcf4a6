from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_validate
from sklearn.utils import check_consistent_length

from skser._sklearn_compat import BaseSearchCV, validate_params
from skser.compose._meta_classifier import is_routing

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
    """Score a search on clips, and speakers, that had no part in its choice.

    Each outer fold puts clips aside, runs the whole search on the others, choice included, and
    scores what it has chosen on those put aside. The search splits the others once more, by its
    own `cv`. The mean of ``score`` is what to report: what choosing in this way, and training,
    reaches on other speakers. The mean of ``selection_score`` is what the searches believed, and
    the difference is what the choice owes to luck.

    Parameters
    ----------
    search : SequentialGroupSelector, GridSearchCV or another search
        It is cloned. Its `scoring` is that of the outer folds, too.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Paths, `Segment`, `Audio` or arrays of samples.
    y : array-like of shape (n_clips,)
        Labels.
    groups : array-like of shape (n_clips,), default=None
        Speakers, for the outer splitter and that of the search.
    cv : int, splitter or iterable of (train, test), default=None
        Outer folds. None or an int: so many folds (None: 5), stratified and, where there are
        `groups`, with speakers kept apart; not more than there are speakers.
    n_jobs : int, default=None
        Outer folds are shared out among so many processes.
    error_score : "raise" or float, default=nan
        Score of an outer fold whose search fails; NaN keeps the other folds, with a warning.

    Returns
    -------
    table : pandas.DataFrame
        A row an outer fold: ``score`` on the clips put aside, ``selection_score`` on the folds of
        the search, ``chosen`` (the chosen members, or the chosen parameters), and ``n_train`` and
        ``n_test``, numbers of clips.

    See Also
    --------
    SequentialGroupSelector : Chooses members of a union.

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
            f"{type(search).__name__} has refit={search.refit!r}, so that there is nothing to "
            "score on the clips put aside. Pass refit=True."
        )
    check_consistent_length(X, y, groups)
    if cv is None or isinstance(cv, Integral):
        cv = _folds(5 if cv is None else int(cv), groups)
    metadata = {} if groups is None else {"params": {"groups": groups}}
    if groups is not None and not is_routing():
        # Then params go to fit only.
        metadata["groups"] = groups
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
    """Return the chosen members, or parameters; None where the search has failed."""
    return getattr(search, "groups_", getattr(search, "best_params_", None))


def _folds(n_folds: int, groups: Any) -> Any:
    if groups is None:
        return StratifiedKFold(n_folds, shuffle=True, random_state=0)
    n_speakers = len(np.unique(np.asarray(groups).astype(str)))
    if n_speakers < 2:
        raise ValueError(
            "groups names one speaker only, who cannot be put aside. Pass the clips of two "
            "speakers or more, or groups=None."
        )
    return StratifiedGroupKFold(min(n_folds, n_speakers), shuffle=True, random_state=0)
