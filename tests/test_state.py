import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError

from skser import (
    AddNoise,
    AugmentedClassifier,
    Compose,
    FixDuration,
    Gain,
    LoadAudio,
    Normalize,
    OneOf,
    PitchShift,
    SegmentClassifier,
    SpeedPerturbation,
    TimeShift,
    TimeStretch,
    TrimSilence,
)

N_SAMPLES = 2400


def level(X):
    return np.array([np.abs(x).mean() for x in X])


class MeanLevel(ClassifierMixin, BaseEstimator):
    """Fails if a class is "broken", when it has already set its classes."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if "broken" in self.classes_:
            raise RuntimeError("training diverged")
        self.levels_ = [level(X)[y == c].mean() for c in self.classes_]
        return self

    def predict_proba(self, X):
        nearness = -np.abs(level(X)[:, None] - self.levels_)
        return np.exp(nearness) / np.exp(nearness).sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


CLASSIFIERS = [
    AugmentedClassifier(MeanLevel(), Gain(), random_state=0),
    SegmentClassifier(MeanLevel(), window=0.05, hop=0.05),
    SegmentClassifier(AugmentedClassifier(MeanLevel(), Gain()), window=0.05, hop=0.05),
]
AUGMENTERS = [
    AddNoise(),
    Compose([Gain()]),
    Gain(),
    OneOf([Gain()]),
    PitchShift(),
    SpeedPerturbation(),
    TimeShift(),
    TimeStretch(),
]
SOUND_TRANSFORMERS = [FixDuration(), LoadAudio(), Normalize(), TrimSilence()]

every_classifier = pytest.mark.parametrize(
    "classifier",
    CLASSIFIERS,
    ids=lambda c: f"{type(c).__name__} around {type(c.estimator).__name__}",
)
every_transformer = pytest.mark.parametrize(
    "transformer", [*AUGMENTERS, *SOUND_TRANSFORMERS], ids=lambda t: type(t).__name__
)


def table(rng, n_samples=N_SAMPLES, prefix="s"):
    rows = rng.uniform(-0.5, 0.5, size=(6, n_samples))
    rows[:3] /= 10
    return pd.DataFrame(rows, columns=[f"{prefix}{i}" for i in range(n_samples)])


@pytest.fixture
def X(rng):
    return table(rng)


@pytest.fixture
def y():
    return np.repeat(["calm", "angry"], 3)


def assert_same_state(estimator, before):
    assert vars(estimator).keys() == before.keys()
    assert all(vars(estimator)[name] is value for name, value in before.items())


@every_classifier
def test_refit_that_fails_leaves_the_classifier_as_it_was(classifier, X, y, rng):
    fitted = clone(classifier).fit(X, y)
    before, probabilities = dict(vars(fitted)), fitted.predict_proba(X)
    with pytest.raises(RuntimeError, match="training diverged"):
        fitted.fit(table(rng, 2000, "t"), np.repeat(["broken", "happy", "sad"], 2))
    assert_same_state(fitted, before)
    assert fitted.classes_.tolist() == ["angry", "calm"]
    np.testing.assert_array_equal(fitted.predict_proba(X), probabilities)


@every_classifier
def test_refit_that_is_interrupted_leaves_the_classifier_as_it_was(classifier, X, y, rng):
    class Interrupted(MeanLevel):
        def fit(self, X, y):
            raise KeyboardInterrupt

    fitted = clone(classifier).fit(X, y)
    fitted.set_params(estimator=Interrupted())
    before = dict(vars(fitted))
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(table(rng, 2000, "t"), y)
    assert_same_state(fitted, before)


@every_classifier
def test_first_fit_that_fails_leaves_the_classifier_unfitted(classifier, X):
    unfitted = clone(classifier)
    with pytest.raises(RuntimeError, match="training diverged"):
        unfitted.fit(X, np.repeat(["broken", "happy"], 3))
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        unfitted.predict(X)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        unfitted.predict_proba(X)
    assert not hasattr(unfitted, "classes_")
    assert not hasattr(unfitted, "n_features_in_")


@every_transformer
def test_refit_that_fails_leaves_the_transformer_as_it_was(transformer, X, rng):
    fitted = clone(transformer).fit(X)
    before = dict(vars(fitted))
    broken = table(rng, 2000, "t")
    broken.iloc[0, 0] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        fitted.fit(broken)
    assert_same_state(fitted, before)


@pytest.mark.parametrize("transformer", SOUND_TRANSFORMERS, ids=repr)
def test_first_clip_that_cannot_be_used_leaves_the_transformer_as_it_was(transformer, X, rng):
    fitted = clone(transformer).fit(X)
    before = dict(vars(fitted))
    too_loud = table(rng, 2000, "t") * 1e30
    with pytest.raises(ValueError, match=r"the samples reach .* Scale the clip"):
        fitted.fit(too_loud)
    assert_same_state(fitted, before)


@pytest.mark.parametrize("augment", AUGMENTERS, ids=lambda a: type(a).__name__)
def test_resampling_that_fails_leaves_the_augmenter_as_it_was(augment, X, y, rng):
    fitted = clone(augment).fit(X)
    before = dict(vars(fitted))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fitted.fit_resample(table(rng, 2000, "t"), y[:4])
    assert_same_state(fitted, before)
