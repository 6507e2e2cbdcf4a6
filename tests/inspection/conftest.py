import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Bunch

from skser import Audio

SR = 16000


class HearsOnePart(ClassifierMixin, BaseEstimator):
    """Takes a clip for "loud" by its level in one stretch of time and one band alone."""

    def __init__(self, start=0.0, stop=np.inf, low=0.0, high=np.inf):
        self.start = start
        self.stop = stop
        self.low = low
        self.high = high

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        loud = np.array([self._level(clip) for clip in X])
        return np.column_stack([loud, 1 - loud])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _level(self, clip):
        y, sr = np.asarray(clip.y), clip.sr
        part = y[int(self.start * sr) : int(min(self.stop * sr, len(y)))]
        frequencies = np.fft.rfftfreq(len(part), 1 / sr)
        power = np.abs(np.fft.rfft(part)) ** 2
        heard = power[(frequencies >= self.low) & (frequencies < self.high)].sum()
        return 1 - np.exp(-heard / len(part) ** 2 * 1e3)


@pytest.fixture
def hears():
    """Make a fitted model that hears one part of a clip."""
    return lambda **part: HearsOnePart(**part).fit([], ["loud", "quiet"])


@pytest.fixture(scope="session")
def noise():
    """Two seconds of white noise, with a pause before and after."""
    y = np.random.default_rng(0).normal(scale=0.1, size=2 * SR)
    y[:4800] = y[-4800:] = 0
    return Audio(y.astype(np.float32), SR)


@pytest.fixture(scope="session")
def noises():
    """Clips of a second in two classes: noise, and noise that is ten times softer."""
    rng = np.random.default_rng(1)
    scale = np.tile([0.2, 0.02], 5)
    data = [Audio(rng.normal(scale=s, size=SR).astype(np.float32), SR) for s in scale]
    return Bunch(data=data, target=np.where(scale > 0.1, "loud", "quiet"))
