import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from skser import corrected_t_test

SCORES = st.lists(st.integers(0, 100), min_size=10, max_size=10)


def test_the_statistic_is_that_of_the_formula():
    # Mean 0.03, variance 0.00025: t = 0.03 / sqrt((1/5 + 1/4) * 0.00025) = sqrt(8).
    test = corrected_t_test([0.51, 0.52, 0.53, 0.54, 0.55], [0.5] * 5, 1 / 4)
    assert test.statistic == pytest.approx(math.sqrt(8))
    assert test.df == 4


def test_two_folds_have_the_tail_of_a_cauchy_distribution():
    # Differences 1 and 3: t = 2 / sqrt((1/2 + 1) * 2) = 2 / sqrt(3); P(|T| > t) by arctan.
    test = corrected_t_test([1, 3], [0, 0], 1)
    assert test.statistic == pytest.approx(2 / math.sqrt(3))
    assert test.pvalue == pytest.approx(1 - 2 / math.pi * math.atan(2 / math.sqrt(3)))


@given(SCORES, SCORES)
def test_without_overlap_it_is_the_ordinary_paired_test(scores, baseline):
    if len({a - b for a, b in zip(scores, baseline, strict=True)}) == 1:
        return
    ours, scipys = corrected_t_test(scores, baseline, 0), stats.ttest_rel(scores, baseline)
    assert ours.statistic == pytest.approx(scipys.statistic)
    assert ours.pvalue == pytest.approx(scipys.pvalue)


@given(SCORES, SCORES)
def test_larger_test_parts_make_it_harder_to_find_a_difference(scores, baseline):
    assert corrected_t_test(scores, baseline, 1).pvalue >= (
        corrected_t_test(scores, baseline, 1 / 9).pvalue - 1e-12
    )


def test_one_sided_tests_share_the_two_sided_one():
    scores, baseline = [0.5, 0.7, 0.6], [0.4, 0.5, 0.6]
    greater, less = (corrected_t_test(scores, baseline, 0.5, a).pvalue for a in ("greater", "less"))
    assert greater + less == pytest.approx(1)
    assert corrected_t_test(scores, baseline, 0.5).pvalue == pytest.approx(2 * greater)


def test_equal_scores_differ_by_nothing():
    assert corrected_t_test([0.5, 0.6], [0.5, 0.6], 0.5) == (0, 1, 1)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_a_difference_that_is_the_same_in_every_fold_cannot_be_tested(alternative):
    test = corrected_t_test([0.6, 0.7, 0.8], [0.5, 0.6, 0.7], 0.5, alternative)
    assert math.isnan(test.statistic)
    assert math.isnan(test.pvalue)


@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_scores_of_ten_clips_seldom_differ_by_chance(n_folds):
    scores = np.random.default_rng(0).binomial(10, 0.5, size=(2, 300, n_folds)) / 10
    tests = [corrected_t_test(a, b, 1 / (n_folds - 1)) for a, b in zip(*scores, strict=True)]
    assert np.mean([test.pvalue < 0.05 for test in tests]) <= 0.05


@pytest.mark.parametrize(
    ("scores", "baseline", "message"),
    [
        ([0.5], [0.4], "cannot be compared"),
        ([0.5, 0.6], [0.5, 0.6, 0.7], "cannot be compared"),
        (np.ones((2, 2)), np.ones((2, 2)), "cannot be compared"),
        ([0.5, np.nan], [0.5, 0.6], "not finite in some fold"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(scores, baseline, message):
    with pytest.raises(ValueError, match=message):
        corrected_t_test(scores, baseline, 0.25)
