import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skser.report._evaluation import evaluate


class Remembering(ClassifierMixin, BaseEstimator):
    """Knows the clips that it was trained on, and calls every other one "new"."""

    def fit(self, X, y):
        self.known_ = dict(zip(X, y, strict=True))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.array([self.known_.get(x, "new") for x in X], dtype=object)


@pytest.fixture
def corpus():
    n = 24
    return Bunch(
        data=np.array([f"clip{i}" for i in range(n)], dtype=object),
        target=np.array(["a", "b"] * (n // 2), dtype=object),
        groups=np.repeat(["s1", "s2", "s3", "s4"], n // 4),
    )


def test_no_clip_is_predicted_by_what_was_trained_on_it(corpus):
    assert set(evaluate(Remembering(), corpus, None, None, 0).predicted) == {"new"}


def test_speakers_are_kept_apart(corpus):
    evaluation = evaluate(Remembering(), corpus, None, None, 0)
    assert evaluation.n_shared == 0
    assert len(evaluation.fold_uars) == 4
    assert "StratifiedGroupKFold(n_splits=4" in evaluation.cv


def test_unknown_speakers_cannot_be_kept_apart(corpus):
    evaluation = evaluate(Remembering(), Bunch(**{**corpus, "groups": None}), 3, None, 0)
    assert evaluation.n_shared is None
    assert evaluation.cv.startswith("StratifiedKFold(n_splits=3")


def test_predictions_stand_in_the_order_of_the_clips(corpus):
    class ByName(Remembering):
        def predict(self, X):
            return np.array(X, dtype=object)

    evaluation = evaluate(ByName(), corpus, StratifiedGroupKFold(2), None, 0)
    assert evaluation.predicted.tolist() == corpus.data.tolist()


def test_given_folds_are_taken_as_they_are(corpus):
    halves = [(np.arange(12), np.arange(12, 24)), (np.arange(12, 24), np.arange(12))]
    evaluation = evaluate(Remembering(), corpus, halves, None, 0)
    assert evaluation.cv == "2 given folds"
    assert evaluation.n_shared == 0


def test_the_pipeline_without_a_clip_was_not_trained_on_it(corpus):
    evaluation = evaluate(Remembering(), corpus, StratifiedGroupKFold(3), None, 0)
    for i, clip in enumerate(corpus.data):
        assert clip not in evaluation.without(i).known_
