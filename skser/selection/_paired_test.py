from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from skser._sklearn_compat import Interval, StrOptions, validate_params


class PairedTest(NamedTuple):
    """Result of a paired test over folds."""

    statistic: float
    pvalue: float
    df: int


@validate_params(
    {
        "scores": ["array-like"],
        "baseline": ["array-like"],
        "test_train_ratio": [Interval(Real, 0, None, closed="left")],
        "alternative": [StrOptions({"two-sided", "greater", "less"})],
    },
    prefer_skip_nested_validation=True,
)
def corrected_t_test(
    scores: ArrayLike,
    baseline: ArrayLike,
    test_train_ratio: float,
    alternative: str = "two-sided",
) -> PairedTest:
    r"""Compare two models over the same folds with the corrected resampled t-test.

    The training parts of folds overlap, so the scores of folds depend on each other, and the
    ordinary paired t-test finds differences far too often. The correction of Nadeau and Bengio [1]_
    increases the variance by the ratio of test to training clips:

    .. math:: t = \frac{\bar d}{\sqrt{\left(\frac{1}{k} + \frac{n_2}{n_1}\right) s_d^2}}

    with mean :math:`\bar d` and variance :math:`s_d^2` (divided by :math:`k - 1`) of the
    differences over :math:`k` folds, and :math:`n_1` training and :math:`n_2` test clips per fold.
    The statistic is compared with Student's t distribution with :math:`k - 1` degrees of freedom.

    If the scores differ by the same amount in every fold, :math:`s_d = 0` and the test is
    undefined. This does not mean that the difference is certain: scores of few clips take few
    values, so the differences of a few folds are often equal by chance.

    Parameters
    ----------
    scores : array-like of shape (n_folds,)
        Scores of one model, one per fold.
    baseline : array-like of shape (n_folds,)
        Scores of the other model on the same folds.
    test_train_ratio : float
        Number of test clips divided by the number of training clips of a fold: ``1 / (k - 1)`` in a
        k-fold cross-validation, repeated or not. If 0, the test is the ordinary paired t-test.
    alternative : {"two-sided", "greater", "less"}, default="two-sided"
        Alternative hypothesis: the scores differ, or those of `scores` are greater, or less.

    Returns
    -------
    test : PairedTest
        Named tuple of statistic, pvalue and df. If the scores are equal in every fold, the
        statistic is 0, and the two-sided p-value is 1. If they differ by the same amount in every
        fold, the statistic and the p-value are NaN.

    Raises
    ------
    ValueError
        If the scores differ in length, are fewer than two, or are not finite.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning
       52, 2003.

    Examples
    --------
    >>> from skser import corrected_t_test
    >>> scores, baseline = [0.51, 0.52, 0.53, 0.54, 0.55], [0.50] * 5
    >>> test = corrected_t_test(scores, baseline, test_train_ratio=1 / 4)
    >>> f"t = {test.statistic:.3f}, p = {test.pvalue:.3f}"
    't = 2.828, p = 0.047'
    """
    first, second = np.asarray(scores, dtype=float), np.asarray(baseline, dtype=float)
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2:
        raise ValueError(
            f"scores of shape {first.shape} and baseline of shape {second.shape} cannot be "
            "compared. Pass one score of each model for each of the same two or more folds."
        )
    difference = first - second
    if not np.isfinite(difference).all():
        raise ValueError(
            "scores or baseline are not finite in some fold. Compare models that were scored in "
            "every fold."
        )
    n_folds = len(difference)
    mean = float(difference.mean())
    variance = (1 / n_folds + test_train_ratio) * float(difference.var(ddof=1))
    # If all differences are equal, their variance consists of rounding errors.
    if variance <= (1e-12 * max(1.0, abs(mean))) ** 2:
        statistic = 0.0 if abs(mean) < 1e-12 else math.nan
    else:
        statistic = mean / math.sqrt(variance)
    df = n_folds - 1
    pvalue = {
        "two-sided": 2 * stats.t.sf(abs(statistic), df),
        "greater": stats.t.sf(statistic, df),
        "less": stats.t.cdf(statistic, df),
    }[alternative]
    return PairedTest(statistic, float(pvalue), df)
