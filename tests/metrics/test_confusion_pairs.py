import pytest

from skser import confusion_pairs

TRUE = ["sad"] * 4 + ["happy"] * 2 + ["angry"] * 2
PREDICTED = ["happy", "happy", "angry", "sad", "sad", "happy", "angry", "angry"]


def test_the_most_frequent_pair_comes_first():
    pairs = confusion_pairs(TRUE, PREDICTED)
    assert pairs.iloc[0].tolist() == ["sad", "happy", 2, 0.5]


def test_pairs_of_one_count_stand_in_order_of_their_share():
    pairs = confusion_pairs(TRUE, PREDICTED)
    assert pairs[["true", "predicted"]].to_numpy().tolist()[1:] == [
        ["happy", "sad"],
        ["sad", "angry"],
    ]
    assert pairs["share"].tolist()[1:] == [1 / 2, 1 / 4]


def test_without_an_error_there_are_no_pairs():
    pairs = confusion_pairs(["sad", "happy"], ["sad", "happy"])
    assert pairs.columns.tolist() == ["true", "predicted", "count", "share"]
    assert len(pairs) == 0


def test_a_single_label_has_no_pairs_and_needs_no_warning():
    assert len(confusion_pairs(["sad", "sad"], ["sad", "sad"])) == 0


def test_no_labels_are_refused():
    with pytest.raises(ValueError, match=r"empty|at least one label"):
        confusion_pairs([], [])


def test_labels_of_other_length_are_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        confusion_pairs(["sad", "happy"], ["sad"])
