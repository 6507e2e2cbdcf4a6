"""What a pipeline predicts for clips, and speakers, that it was not trained on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
    cross_validate,
)
from sklearn.utils import Bunch

from skser._sklearn_compat import safe_indexing
from skser.metrics import uar_scorer


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Predictions of every clip by a pipeline that was trained without it."""

    predicted: NDArray[Any]
    """Of shape (n_clips,)."""
    fold_uars: tuple[float, ...]
    cv: str
    n_shared: int | None
    """Speakers that were, in some fold, on both sides; None where speakers are not known."""
    fitted: tuple[Any, ...]
    """The fitted pipeline of each fold."""
    fold: NDArray[np.intp]
    """Fold that a clip is tested in, shape (n_clips,)."""

    @property
    def first(self) -> Any:
        """The fitted pipeline of the first fold."""
        return self.fitted[0]

    def without(self, clip: int) -> Any:
        """Return the fitted pipeline that was trained without a clip."""
        return self.fitted[self.fold[clip]]


def evaluate(pipeline: Any, corpus: Bunch, cv: Any, n_jobs: int | None, seed: Any) -> Evaluation:
    """Predict each clip in the fold that leaves it out.

    Parameters
    ----------
    pipeline : classifier
        Takes clips; it is cloned.
    corpus : Bunch
        data, target, groups.
    cv : None, int, splitter or iterable of (train, test)
        None: up to 5 folds that keep speakers apart, where they are known.
    n_jobs : int or None
        Folds are shared out among so many processes.
    seed : int, RandomState instance or None
        Of the folds, where `cv` is None or a number.

    Returns
    -------
    evaluation : Evaluation

    Raises
    ------
    ValueError
        If `cv` does not test each clip once.
    """
    target, groups = corpus.target, corpus.groups
    if cv is None or isinstance(cv, Integral):
        cv = _folds(5 if cv is None else int(cv), groups, seed)
    folds = _split(check_cv(cv), target, groups)
    tested = np.concatenate([test for _, test in folds])
    if not np.array_equal(np.sort(tested), np.arange(len(target))):
        raise ValueError(
            f"cv={cv!r} does not test each of {len(target)} clips once, so that there is no one "
            "prediction of each. Pass a splitter such as StratifiedGroupKFold."
        )
    results = cross_validate(
        clone(pipeline),
        corpus.data,
        target,
        cv=folds,
        scoring=uar_scorer,
        n_jobs=n_jobs,
        return_estimator=True,
        error_score="raise",
    )
    fitted = results["estimator"]
    predictions = [
        estimator.predict(safe_indexing(corpus.data, test))
        for estimator, (_, test) in zip(fitted, folds, strict=True)
    ]
    return Evaluation(
        predicted=np.concatenate(predictions)[np.argsort(tested)],
        fold_uars=tuple(float(score) for score in results["test_score"]),
        cv=repr(cv) if hasattr(cv, "split") else f"{len(folds)} given folds",
        n_shared=None if groups is None else _n_shared(groups, folds),
        fitted=tuple(fitted),
        fold=np.repeat(np.arange(len(folds)), [len(test) for _, test in folds])[np.argsort(tested)],
    )


def _split(splitter: Any, target: Any, groups: Any) -> list[tuple[Any, Any]]:
    with warnings.catch_warnings():
        # A splitter that does not keep speakers apart is the caller's wish; the page says so.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        return list(splitter.split(target, target, groups))


def _folds(n_folds: int, groups: Any, seed: Any) -> Any:
    n_speakers = 0 if groups is None else len(np.unique(np.asarray(groups).astype(str)))
    if n_speakers < 2:
        return StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return StratifiedGroupKFold(min(n_folds, n_speakers), shuffle=True, random_state=seed)


def _n_shared(groups: Any, folds: list[tuple[Any, Any]]) -> int:
    names = np.asarray(groups).astype(str)
    return len(set().union(*({*names[train]} & {*names[test]} for train, test in folds)))
