import zlib

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import MFCC, SegmentClassifier, make_emotional_speech


def _mono(y):
    return y.mean(axis=0) if y.ndim == 2 else y


class EveryBit(ClassifierMixin, BaseEstimator):
    """Probabilities that depend on every bit of the samples, and on the sample rate."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        first = np.array([zlib.crc32(_mono(clip.y).tobytes() + b"%f" % clip.sr) for clip in X])
        return np.column_stack([first, 2**32 - first]) / 2**32

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class Unsure(EveryBit):
    """The same without probabilities."""

    predict_proba = property()

    def predict(self, X):
        return self.classes_[EveryBit.predict_proba(self, X).argmax(axis=1)]


@pytest.fixture(scope="session")
def every_bit():
    return EveryBit().fit(None, ["calm", "upset"])


@pytest.fixture(scope="session")
def unsure():
    return Unsure().fit(None, ["calm", "upset"])


@pytest.fixture(scope="session")
def speech():
    return make_emotional_speech(2, 2, random_state=0)


@pytest.fixture(scope="session")
def recording(speech):
    """Ten seconds of speech at 22050 Hz."""
    return np.concatenate([clip.y for clip in speech.data])[: 10 * 22050]


@pytest.fixture(scope="session")
def model(speech):
    pipeline = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    return pipeline.fit(speech.data, speech.target)


@pytest.fixture(scope="session")
def segments(speech):
    pipeline = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    return SegmentClassifier(pipeline, window=1.0, hop=0.25).fit(speech.data, speech.target)
