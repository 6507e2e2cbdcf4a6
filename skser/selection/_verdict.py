"""Decide whether a difference over folds is a gain, a loss or noise."""

from __future__ import annotations

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from skser.selection._paired_test import corrected_t_test

LEVEL = 0.05
"""P-value below which a difference is a gain or a loss."""

_ROUNDING = 1e-12
"""Upper bound for the difference between means of the same scores in different order."""

_ONE_PART_OUT = (
    KFold | StratifiedKFold | GroupKFold | StratifiedGroupKFold | LeaveOneOut | LeaveOneGroupOut
)
"""Splitters that divide the clips into k parts, and hold out one part in each of k folds."""


class Verdict(NamedTuple):
    """A difference of means, its p-value (NaN: unknown), and the word for it (empty: unknown)."""

    gain: float
    pvalue: float
    word: str


UNKNOWN = Verdict(np.nan, np.nan, "")


def judge(scores: NDArray[Any], baseline: NDArray[Any], ratio: float) -> Verdict:
    """Compare scores on the same folds, given the ratio of test to training clips, or NaN."""
    gain = float(np.mean(scores) - np.mean(baseline))
    if len(scores) < 2 or not np.isfinite([gain, ratio]).all():
        return Verdict(gain, np.nan, "")
    pvalue = corrected_t_test(scores, baseline, ratio).pvalue
    if np.isnan(pvalue):
        return Verdict(gain, np.nan, "")
    if pvalue >= LEVEL:
        return Verdict(gain, pvalue, "noise")
    return Verdict(gain, pvalue, "gain" if gain > 0 else "loss")


def improves(
    scores: NDArray[Any], baseline: NDArray[Any], tol: float | str | None, ratio: float
) -> bool:
    """Return whether scores are better by more than `tol`, or by a gain if it is "paired"."""
    if tol == "paired":
        return judge(scores, baseline, ratio).word == "gain"
    return bool(np.mean(scores) - np.mean(baseline) > float(tol or 0) + _ROUNDING)


def fold_scores(results: dict[str, Any], score: str) -> NDArray[np.float64]:
    """Return the scores of a search's candidates in each fold, shape (n_candidates, n_folds)."""
    columns: list[NDArray[np.float64]] = []
    while (name := f"split{len(columns)}_test_{score}") in results:
        columns.append(np.asarray(results[name], dtype=float))
    return np.stack(columns, axis=1)


def fold_ratio(cv: Any, n_splits: int) -> float:
    """Return the ratio of test to training clips of a fold.

    Parameters
    ----------
    cv : None, int, splitter or iterable of (train, test)
        As for scikit-learn's searches.
    n_splits : int
        Number of folds.

    Returns
    -------
    ratio : float
        NaN if the splitter does not define it, as with an `int` of test clips, fractions of the
        groups, or a generator.
    """
    if isinstance(cv, list | tuple):
        sizes = np.array([[_size(side) for side in fold] for fold in cv])
        return float(sizes[:, 1].sum() / sizes[:, 0].sum())
    if isinstance(cv, ShuffleSplit | StratifiedShuffleSplit):
        return _random_ratio(cv.test_size, cv.train_size)
    if isinstance(cv, RepeatedKFold | RepeatedStratifiedKFold):
        n_splits = cv.cvargs["n_splits"]
    elif cv is not None and not isinstance(cv, Integral | _ONE_PART_OUT):
        return np.nan
    return 1 / (n_splits - 1) if n_splits > 1 else np.nan


def _random_ratio(test: Any, train: Any) -> float:
    """Return the ratio of random parts that are given as fractions; NaN if as numbers of clips."""
    if isinstance(test, Integral) or isinstance(train, Integral):
        return np.nan
    if test is None:
        # The default of both splitters is a tenth.
        test = 0.1 if train is None else 1 - train
    return float(test / (1 - test if train is None else train))


def _size(side: Any) -> int:
    """Count the clips in a part of a fold, which is given as a mask or as indices."""
    array = np.asarray(side)
    return int(array.sum()) if array.dtype == bool else len(array)
