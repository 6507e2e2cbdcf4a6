import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    LeavePGroupsOut,
    LeavePOut,
    PredefinedSplit,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    check_cv,
)

from skser.selection._verdict import fold_ratio, improves, judge

FOLDS = [([0, 1, 2], [3]), (np.array([False, True, True, True]), [0])]


@pytest.mark.parametrize(
    ("cv", "n_splits", "ratio"),
    [
        (None, 5, 1 / 4),
        (3, 3, 1 / 2),
        (np.int64(3), 3, 1 / 2),
        (StratifiedGroupKFold(5), 5, 1 / 4),
        (LeaveOneGroupOut(), 24, 1 / 23),
        (LeaveOneOut(), 50, 1 / 49),
        (RepeatedKFold(n_splits=5, n_repeats=4), 20, 1 / 4),
        (RepeatedStratifiedKFold(n_splits=5, n_repeats=4), 20, 1 / 4),
        (ShuffleSplit(10), 10, 1 / 9),
        (ShuffleSplit(10, test_size=0.25), 10, 1 / 3),
        (StratifiedShuffleSplit(10, train_size=0.8), 10, 1 / 4),
        (StratifiedShuffleSplit(10, test_size=0.1, train_size=0.5), 10, 1 / 5),
        (FOLDS, 2, 1 / 3),
    ],
)
def test_the_ratio_of_test_to_training_clips_is_that_of_the_splitter(cv, n_splits, ratio):
    assert fold_ratio(cv, n_splits) == pytest.approx(ratio)


@pytest.mark.parametrize("splitter", [KFold, StratifiedKFold, GroupKFold, StratifiedGroupKFold])
def test_the_ratio_of_a_splitter_is_that_of_its_folds(splitter):
    cv = splitter(3)
    y, groups = np.arange(36) % 2, np.arange(36) // 4
    args = (y, y, groups) if "Group" in splitter.__name__ else (y, y)
    assert fold_ratio(cv, 3) == pytest.approx(fold_ratio(list(cv.split(*args)), 3))


@pytest.mark.parametrize(
    "cv",
    [
        ShuffleSplit(10, test_size=12),
        ShuffleSplit(10, test_size=0.25, train_size=12),
        GroupShuffleSplit(10),
        LeavePOut(2),
        LeavePGroupsOut(2),
        PredefinedSplit([0, 0, 1, -1]),
        TimeSeriesSplit(10),
        check_cv(FOLDS),
        iter([]),
    ],
)
def test_a_ratio_that_the_splitter_does_not_tell_is_unknown(cv):
    assert np.isnan(fold_ratio(cv, 10))


def test_no_folds_are_drawn_for_the_ratio():
    generator = np.random.RandomState(0)
    before = generator.get_state()[2]
    assert fold_ratio(ShuffleSplit(3, test_size=0.5, random_state=generator), 3) == 1
    assert generator.get_state()[2] == before


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
