"""What a pipeline predicts for clips, and speakers, that it was not trained on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
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

from skser._repr import without_addresses
from skser._sklearn_compat import safe_indexing
from skser.metrics import uar_scorer


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Predictions of every clip by a pipeline that was trained without it."""

    tested: NDArray[np.intp]
    """Places of the clips that were predicted, in their order: all, unless a split was given."""
    predicted: NDArray[Any]
    """Predicted labels, of shape (n_tested,)."""
    fold: NDArray[np.intp]
    """Number of the fold that tested each clip, from 0, of shape (n_tested,)."""
    probabilities: NDArray[np.float64] | None
    """Of shape (n_tested, n_classes), classes in order; None if not asked for."""
    fold_uars: tuple[float, ...]
    cv: str
    n_shared: int | None
    """Speakers that were on both sides in some fold; None if the speakers are unknown."""
    fitted: tuple[Any, ...]
    """The fitted pipeline of each fold."""

    @property
    def first(self) -> Any:
        """The fitted pipeline of the first fold."""
        return self.fitted[0]

    def without(self, clip: int) -> Any:
        """Return the fitted pipeline that was trained without a clip, by its place."""
        return self.fitted[self.fold[np.searchsorted(self.tested, clip)]]


def evaluate(
    pipeline: Any,
    corpus: Bunch,
    cv: Any,
    n_jobs: int | None,
    seed: Any,
    *,
    params: Mapping[str, Any] | None = None,
    with_probabilities: bool = False,
    each_once: bool = True,
) -> Evaluation:
    """Predict each clip in the fold that leaves it out.

    Parameters
    ----------
    pipeline : classifier
        Classifier that takes clips; it is cloned.
    corpus : Bunch
        Corpus with ``data``, ``target`` and ``groups``.
    cv : None, int, splitter or iterable of (train, test)
        If None, up to 5 folds, which keep speakers apart if they are known.
    n_jobs : int or None
        Number of processes among which the folds are distributed.
    seed : int, RandomState instance or None
        Random seed or generator of the folds, if `cv` is None or an int.
    params : mapping, default=None
        Parameters of `fit` besides X and y.
    with_probabilities : bool, default=False
        Whether to predict the probabilities of the classes too.
    each_once : bool, default=True
        Whether to refuse folds that do not test each clip exactly once.

    Returns
    -------
    evaluation : Evaluation

    Raises
    ------
    ValueError
        If `each_once` is True and `cv` does not test each clip exactly once.
    """
    target, groups = corpus.target, corpus.groups
    if cv is None or isinstance(cv, Integral):
        cv = _folds(5 if cv is None else int(cv), groups, seed)
    folds = _split(check_cv(cv), target, groups)
    tested = np.concatenate([test for _, test in folds])
    if each_once and not np.array_equal(np.sort(tested), np.arange(len(target))):
        raise ValueError(
            f"cv={cv!r} does not test each of the {len(target)} clips exactly once. Pass a "
            "splitter that does, such as StratifiedGroupKFold."
        )
    results = cross_validate(
        clone(pipeline),
        corpus.data,
        target,
        cv=folds,
        scoring=uar_scorer,
        n_jobs=n_jobs,
        params=params,
        return_estimator=True,
        error_score="raise",
    )
    fitted = results["estimator"]
    predictions = [
        estimator.predict(safe_indexing(corpus.data, test))
        for estimator, (_, test) in zip(fitted, folds, strict=True)
    ]
    order = np.argsort(tested)
    shares = None
    if with_probabilities:
        classes = np.unique(target)
        shares = np.concatenate(
            [
                _probabilities(estimator, safe_indexing(corpus.data, test), classes)
                for estimator, (_, test) in zip(fitted, folds, strict=True)
            ]
        )[order]
    return Evaluation(
        tested=tested[order],
        predicted=np.concatenate(predictions)[order],
        fold=np.repeat(np.arange(len(folds)), [len(test) for _, test in folds])[order],
        probabilities=shares,
        fold_uars=tuple(float(score) for score in results["test_score"]),
        cv=without_addresses(repr(cv)) if hasattr(cv, "split") else f"{len(folds)} given folds",
        n_shared=None if groups is None else _n_shared(groups, folds),
        fitted=tuple(fitted),
    )


def _probabilities(estimator: Any, X: Any, classes: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probability of each class, 0 of one that the estimator was not trained on."""
    shares = np.zeros((len(X), len(classes)))
    shares[:, np.searchsorted(classes, estimator.classes_)] = estimator.predict_proba(X)
    return shares


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
