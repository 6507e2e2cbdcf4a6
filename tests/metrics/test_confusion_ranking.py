import pytest

from skser import confusion_ranking

TRUE = ["sad", "sad", "sad", "sad", "happy", "happy", "angry", "angry"]
PREDICTED = ["happy", "happy", "angry", "sad", "happy", "sad", "angry", "angry"]


def test_the_most_confused_class_comes_first():
    assert confusion_ranking(TRUE, PREDICTED).index.tolist() == ["sad", "happy", "angry"]


def test_precision_recall_f1_and_support_of_a_class():
    sad = confusion_ranking(TRUE, PREDICTED).loc["sad"]
    assert sad["precision"] == pytest.approx(1 / 2)
    assert sad["recall"] == pytest.approx(1 / 4)
    assert sad["f1"] == pytest.approx(1 / 3)
    assert sad["support"] == 4


def test_a_class_is_named_with_the_one_it_is_most_often_taken_for():
    ranking = confusion_ranking(TRUE, PREDICTED)
    assert ranking.loc["sad", "taken_for"] == "happy"
    assert ranking.loc["sad", "taken_for_share"] == pytest.approx(2 / 4)


def test_a_class_that_is_never_confused_is_taken_for_none():
    angry = confusion_ranking(TRUE, PREDICTED).loc["angry"]
    assert angry["taken_for"] is None
    assert angry["taken_for_share"] == 0


def test_a_class_that_is_only_predicted_has_no_support():
    ranking = confusion_ranking(["sad", "sad"], ["sad", "happy"])
    assert ranking.loc["happy", "support"] == 0
    assert ranking.loc["happy", "f1"] == 0
