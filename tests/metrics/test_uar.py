import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, cross_validate

from skser import uar_score, uar_scorer


def test_it_is_the_mean_of_the_recalls():
    assert uar_score(["a"] * 4 + ["b"], ["a", "a", "a", "b", "b"]) == (3 / 4 + 1) / 2


def test_always_guessing_the_largest_class_is_chance():
    assert uar_score(["a"] * 98 + ["b", "c"], ["a"] * 100) == pytest.approx(1 / 3)


def test_it_equals_balanced_accuracy(rng):
    true, predicted = rng.integers(5, size=(2, 200))
    assert uar_score(true, predicted) == pytest.approx(balanced_accuracy_score(true, predicted))


def test_a_class_that_is_only_predicted_is_left_out_without_a_warning():
    assert uar_score(["a", "a", "b"], ["a", "c", "b"]) == (1 / 2 + 1) / 2


def test_weights_count():
    assert uar_score([0, 0, 1], [0, 1, 1], sample_weight=[3, 1, 1]) == (3 / 4 + 1) / 2


def test_a_class_without_weight_is_left_out():
    assert uar_score([0, 0, 1], [0, 1, 0], sample_weight=[1, 1, 0]) == 1 / 2


def test_labels_of_other_length_are_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        uar_score(["a", "b"], ["a"])


@pytest.fixture
def blobs(rng):
    y = np.repeat([0, 1], 20)
    return y[:, None] * 10 + rng.normal(size=(40, 2)), y


def test_the_scorer_scores_in_a_search(blobs):
    search = GridSearchCV(LogisticRegression(), {"C": [1, 10]}, scoring=uar_scorer, cv=2)
    assert search.fit(*blobs).best_score_ == 1


def test_the_scorer_is_one_of_several(blobs):
    scoring = {"uar": uar_scorer, "accuracy": "accuracy"}
    scores = cross_validate(DummyClassifier(), *blobs, scoring=scoring, cv=2)
    assert scores["test_uar"].tolist() == [0.5, 0.5]


def test_the_scorer_pickles():
    loaded = pickle.loads(pickle.dumps(uar_scorer))
    fitted = DummyClassifier().fit([[0]] * 3, ["a", "a", "b"])
    assert loaded(fitted, [[0]] * 2, ["a", "b"]) == 0.5
