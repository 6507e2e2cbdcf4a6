import re

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skser import (
    RMS,
    ZCR,
    Audio,
    AugmentedClassifier,
    FixDuration,
    Gain,
    LoadAudio,
    Normalize,
    SegmentClassifier,
    make_audio_union,
)
from skser.compose._array_rate import array_rates

SR = 16000


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers the clips that it was given, and says at which rate it takes arrays to be."""

    def __init__(self, sr=SR):
        self.sr = sr

    def fit(self, X, y):
        self.X_, self.classes_ = list(X), np.unique(y)
        return self

    def predict(self, X):
        self.predicted_ = list(X)
        return np.full(len(X), self.classes_[0])


def union(**parameters):
    return make_audio_union(RMS(), ZCR(), **parameters)


def classify(*steps):
    return make_pipeline(*steps, StandardScaler(), LogisticRegression())


@pytest.mark.parametrize(
    ("estimator", "rates"),
    [
        (LogisticRegression(), set()),
        (classify(FunctionTransformer()), set()),
        (RMS(), {22050}),
        (RMS(sr=SR), {SR}),
        (union(), {22050}),
        (union(sr=SR), {SR}),
        (make_audio_union(RMS(sr=8000), ZCR(), sr=SR), {SR}),
        (make_audio_union(RMS(sr=SR), "drop"), {22050}),
        (make_audio_union(RMS(), make_pipeline(ZCR(sr=8000)), sr=SR), {8000, SR}),
        (make_audio_union(RMS(), make_pipeline(ZCR()), sr=SR), {22050, SR}),
        (make_union(RMS(sr=SR), make_pipeline(ZCR(sr=8000))), {8000, SR}),
        (classify(union(sr=SR)), {SR}),
        (classify("passthrough", FunctionTransformer(), union(sr=SR)), {SR}),
        (classify(LoadAudio(sr=SR), union(sr=SR)), {SR}),
        (classify(LoadAudio(sr=8000), union(sr=SR)), {8000, SR}),
        (classify(LoadAudio(sr=8000), RMS()), {8000, 22050}),
        (classify(LoadAudio(), Normalize(), union(sr=SR)), {SR}),
        (classify(FixDuration(1.0, sr=SR), union(sr=SR)), {SR}),
        (classify(FixDuration(1.0), union(sr=SR)), {22050, SR}),
        (classify(make_pipeline(FixDuration(1.0), Normalize()), RMS(sr=SR)), {22050, SR}),
        (make_pipeline(make_pipeline(RMS(sr=SR)), Recorder(sr=100)), {SR}),
        (GridSearchCV(classify(union(sr=SR)), {}), {SR}),
        (CalibratedClassifierCV(FrozenEstimator(classify(union(sr=SR)))), {SR}),
        (VotingClassifier([("a", classify(union(sr=SR))), ("b", "drop")]), {SR}),
        (AugmentedClassifier(classify(union(sr=SR)), Gain()), {SR}),
        (SegmentClassifier(classify(union(sr=SR)), sr=8000), {8000}),
        (Recorder(), {SR}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rates_are_those_stated_inside(estimator, rates):
    assert set(array_rates(estimator)) == rates


@pytest.fixture
def clips(rng):
    return [rng.normal(scale=scale, size=SR) for scale in (0.01, 0.02, 0.1, 0.2)]


@pytest.fixture
def y():
    return [0, 0, 1, 1]


@pytest.fixture(params=["copies", "segments"])
def around(request):
    def make(inner, **parameters):
        if request.param == "copies":
            return AugmentedClassifier(inner, Gain(), random_state=0, **parameters)
        return SegmentClassifier(inner, window=0.5, hop=0.5, vote="majority", **parameters)

    return make


def test_segments_of_arrays_are_cut_at_the_rate_of_the_features(clips, y):
    segments = SegmentClassifier(Recorder(), window=0.5, hop=0.5, vote="majority").fit(clips, y)
    assert [len(piece) for piece in segments.estimator_.X_] == [SR // 2] * 8
    segments.predict(clips)
    assert [len(piece) for piece in segments.estimator_.predicted_] == [SR // 2] * 8
    assert segments.predict_segments(clips)["end"].tolist() == [0.5, 1.0] * 4


def test_copies_of_arrays_are_made_at_the_rate_of_the_features(clips, y):
    rates = []

    def augment(samples, sample_rate):
        rates.append(sample_rate)
        return samples

    AugmentedClassifier(Recorder(), augment).fit(clips, y)
    assert rates == [SR] * 4


@pytest.mark.parametrize("as_rows", [False, True])
def test_arrays_and_their_audio_give_the_same(around, as_rows, clips, y):
    classifier = around(classify(union(sr=SR)))
    arrays = np.stack(clips) if as_rows else clips
    audio = [Audio(clip, SR) for clip in clips]
    one, other = clone(classifier).fit(arrays, y), clone(classifier).fit(audio, y)
    np.testing.assert_allclose(one.estimator_[-1].coef_, other.estimator_[-1].coef_, rtol=1e-6)


@pytest.mark.parametrize("as_rows", [False, True])
def test_another_rate_is_refused(around, as_rows, clips, y):
    X = np.stack(clips) if as_rows else clips
    classifier = around(classify(union(sr=SR)), sr=22050)
    with pytest.raises(
        ValueError,
        match=r"Classifier assumes that arrays have sr=22050 Hz, but the estimator inside .* "
        r"assumes 16000 Hz for arrays\. Set sr in the estimator only",
    ):
        classifier.fit(X, y)


def test_features_that_disagree_are_refused(around, clips, y):
    classifier = around(classify(make_union(RMS(sr=8000), ZCR(sr=SR))))
    with pytest.raises(
        ValueError,
        match=r"assumes 8000 and 16000 Hz \(RMS and ZCR\) for arrays\. Give all",
    ):
        classifier.fit(clips, y)


@pytest.mark.parametrize(
    ("first", "feature", "named"),
    [
        (FixDuration(0.5), union(sr=SR), "16000 and 22050 Hz (AudioFeatureUnion and FixDuration)"),
        (LoadAudio(sr=SR), RMS(), "16000 and 22050 Hz (LoadAudio and RMS)"),
    ],
    ids=["fixed", "loaded"],
)
def test_steps_that_disagree_are_refused(around, first, feature, named, clips, y):
    classifier = around(classify(first, feature))
    with pytest.raises(ValueError, match=re.escape(f"assumes {named} for arrays. Give all")):
        classifier.fit(clips, y)
    # Audio knows its rate.
    classifier.fit([Audio(clip, SR) for clip in clips], y)
    with pytest.raises(ValueError, match=re.escape(named)):
        classifier.predict(clips)


def test_the_same_rate_twice_is_one_rate(around, clips, y):
    assert len(around(classify(union(sr=SR)), sr=SR).fit(clips, y).predict(clips)) == 4


def test_clips_that_know_their_rate_need_none(around, clips, y, tmp_path):
    soundfile.write(tmp_path / "a.wav", clips[0], SR)
    X = [str(tmp_path / "a.wav"), *(Audio(clip, SR) for clip in clips[1:])]
    assert len(around(classify(union(sr=8000)), sr=44100).fit(X, y).predict(X)) == 4


def test_arrays_that_come_to_predict_first_are_refused_there(around, clips, y):
    classifier = around(classify(union(sr=SR)), sr=22050)
    classifier.fit([Audio(clip, SR) for clip in clips], y)
    with pytest.raises(ValueError, match=r"assumes 16000 Hz for arrays"):
        classifier.predict(clips)


def test_where_nothing_states_a_rate_it_is_that_of_librosa(clips, y):
    segments = SegmentClassifier(Recorder(sr=None), window=0.5, hop=0.5, vote="majority")
    segments.fit(clips, y)
    assert len(segments.estimator_.X_[0]) == round(0.5 * 22050)
