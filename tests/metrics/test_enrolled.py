import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.pipeline import make_pipeline

from skser import Audio, SpeakerNormalizer, with_speakers
from skser.metrics._enrolled import enrolled_uar, halves


class Samples(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack([clip.y for clip in X])

    def __sklearn_is_fitted__(self):
        return True


class Sign(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.where(X[:, 0] > 0, "high", "low")


@pytest.fixture
def model():
    X = with_speakers([Audio(np.array([v]), 8000) for v in (-1.0, 1.0)], ["a", "a"])
    features = SpeakerNormalizer(Samples(), unseen="global", min_clips=1)
    return make_pipeline(features, Sign()).fit(X, ["low", "high"])


def test_what_is_known_of_a_speaker_is_the_other_half(model):
    # Above 100 or below: only who knows the voice can tell.
    values = 100 + np.tile([-1.0, 1.0], 20)
    X = with_speakers([Audio(np.array([v]), 8000) for v in values], ["b"] * 40)
    y = np.where(values > 100, "high", "low")
    assert np.mean(model.predict(X) == y) == 0.5
    assert enrolled_uar(model, X, y, seed=0) == 1
    assert set(model[0].n_clips_) == {"a"}


def test_a_single_clip_is_that_of_a_stranger(model):
    X = with_speakers([Audio(np.array([v]), 8000) for v in (5.0, -5.0)], ["b", "c"])
    assert enrolled_uar(model, X, ["high", "low"], seed=0) == 1


def test_a_speaker_s_clips_are_halved():
    half = halves(["a"] * 4 + ["b"] * 5, seed=0)
    assert half[:4].sum() == 2
    assert half[4:].sum() == 2
    assert (halves(["a"] * 4 + ["b"] * 5, seed=0) == half).all()
