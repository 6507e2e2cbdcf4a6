import numpy as np
import pytest
from sklearn.model_selection import (
    GroupShuffleSplit,
    LeaveOneGroupOut,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
)

from skser.selection._verdict import fold_ratio, improves, judge


@pytest.mark.parametrize(
    ("cv", "n_splits", "ratio"),
    [
        (None, 5, 1 / 4),
        (3, 3, 1 / 2),
        (np.int64(3), 3, 1 / 2),
        (StratifiedGroupKFold(5), 5, 1 / 4),
        (LeaveOneGroupOut(), 24, 1 / 23),
        (RepeatedStratifiedKFold(n_splits=5, n_repeats=4), 20, 1 / 4),
        (ShuffleSplit(10, test_size=0.25), 10, 1 / 3),
        (GroupShuffleSplit(10), 10, 1 / 4),
        ([([0, 1, 2], [3]), (np.array([False, True, True, True]), [0])], 2, 1 / 3),
    ],
)
def test_the_ratio_of_test_to_training_clips_is_that_of_the_splitter(cv, n_splits, ratio):
    assert fold_ratio(cv, n_splits) == pytest.approx(ratio)


@pytest.mark.parametrize("cv", [ShuffleSplit(10, test_size=12), iter([])])
def test_a_ratio_that_the_splitter_does_not_tell_is_unknown(cv):
    assert np.isnan(fold_ratio(cv, 10))


def test_a_steady_difference_is_a_gain_or_a_loss():
    high, low = np.array([0.60, 0.61, 0.62, 0.61]), np.array([0.50, 0.52, 0.51, 0.51])
    assert judge(high, low, 1 / 3).word == "gain"
    assert judge(low, high, 1 / 3).word == "loss"
    assert judge(high, low, 1 / 3).gain == pytest.approx(0.1)


def test_a_difference_that_changes_its_sign_is_noise():
    assert judge(np.array([0.6, 0.4, 0.7]), np.array([0.5, 0.5, 0.5]), 1 / 2).word == "noise"


def test_what_cannot_be_compared_has_no_verdict():
    fine = np.array([0.5, 0.6])
    for verdict in (
        judge(fine, fine * np.nan, 0.5),
        judge(fine, fine, np.nan),
        # The same gain in every fold.
        judge(fine + 0.15, fine, 1),
    ):
        assert np.isnan(verdict.pvalue)
        assert verdict.word == ""


def test_a_number_is_a_least_gain():
    high, low = np.array([0.6, 0.6]), np.array([0.5, 0.5])
    assert improves(high, low, 0.05, 1)
    assert not improves(high, low, 0.15, 1)
    assert not improves(high, high, 0.0, 1)


def test_the_same_gain_in_two_folds_is_not_taken_for_certain():
    assert not improves(np.array([0.6, 0.7]), np.array([0.5, 0.6]), "paired", 1)
