import pickle

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.ensemble import StackingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC,
    RMS,
    AddNoise,
    Audio,
    AudioError,
    AugmentedClassifier,
    Conv2DClassifier,
    ImageToSequence,
    Mel2D,
    Segment,
    SegmentClassifier,
    SpeakerNormalizer,
    make_audio_union,
    make_emotional_speech,
    with_speakers,
)

SR = 8000


class Samples(TransformerMixin, BaseEstimator):
    """Return the samples of clips as they are, so that statistics can be worked out by hand."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack([np.asarray(x.y if isinstance(x, Audio) else x) for x in X])

    def __sklearn_is_fitted__(self):
        return True


class Recorder(ClassifierMixin, BaseEstimator):
    """Keep what `fit` and `predict` were given."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.fitted_ = np.asarray(X)
        return self

    def predict(self, X):
        self.predicted_ = np.asarray(X)
        return np.full(len(X), self.classes_[0])


@parametrize_with_checks(
    # The checks pass clips without speakers.
    [
        SpeakerNormalizer(extractor, unnamed="global")
        for extractor in (MFCC(13), make_audio_union(RMS(), MFCC(5)), Mel2D(8))
    ]
)
def test_it_keeps_the_contract_of_an_estimator(estimator, check):
    check(estimator)


def clips_of(**values):
    """Return clips by speaker: each value is the one sample of a clip, or a list of samples."""
    return [
        Audio(np.atleast_1d(np.asarray(value, dtype=float)), SR, speaker)
        for speaker, of_speaker in values.items()
        for value in of_speaker
    ]


def normalizer(**parameters):
    return SpeakerNormalizer(Samples(), **{"min_clips": 1, **parameters})


@pytest.fixture
def speech():
    return make_emotional_speech(
        n_speakers=4, n_per_class=3, emotions=["angry", "sad"], random_state=0
    )


@pytest.fixture
def X(speech):
    return with_speakers(speech.data, speech.groups)


def recogniser(**parameters):
    features = SpeakerNormalizer(MFCC(13, pooling=["mean", "std"]), **parameters)
    return make_pipeline(features, LogisticRegression())


# Statistics


def test_each_speaker_is_standardised_by_its_own_statistics():
    values = normalizer().fit_transform(clips_of(a=[1, 3], b=[10, 30]))
    np.testing.assert_allclose(values, [[-1], [1], [-1], [1]], rtol=1e-6)


def test_values_equal_those_of_a_scaler_for_each_speaker(speech, X):
    values = SpeakerNormalizer(MFCC(13), min_clips=2).fit_transform(X)
    plain = MFCC(13).fit_transform(speech.data)
    for speaker in set(speech.groups):
        mine = speech.groups == speaker
        expected = StandardScaler().fit_transform(plain[mine])
        np.testing.assert_allclose(values[mine], expected, atol=1e-4)


@pytest.mark.parametrize("scaler", [RobustScaler(), MinMaxScaler((-1, 1))], ids=repr)
def test_any_scaler_that_subtracts_and_divides_will_do(rng, scaler):
    a, b = rng.normal(size=(2, 9, 3)) * [[[1]], [[5]]] + 7
    values = normalizer(scaler=scaler).fit_transform(clips_of(a=a, b=b))
    np.testing.assert_allclose(values[:9], scaler.fit_transform(a), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(values[9:], scaler.fit_transform(b), rtol=1e-6, atol=1e-9)


def test_a_scaler_that_does_something_else_is_refused(rng):
    X = clips_of(a=rng.normal(size=9))
    with pytest.raises(ValueError, match=r"QuantileTransformer\(.*\) does something other than"):
        normalizer(scaler=QuantileTransformer(n_quantiles=5)).fit(X)


def test_of_images_each_row_is_standardised(speech, X):
    values = SpeakerNormalizer(Mel2D(8, duration=0.5), min_clips=1).fit_transform(X)
    mine = values[speech.groups == speech.groups[0]]
    np.testing.assert_allclose(mine.mean(axis=(0, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(mine.std(axis=(0, 2)), 1, atol=1e-4)


def test_images_may_differ_in_length_and_have_channels(speech, X):
    values = SpeakerNormalizer(Mel2D(8, deltas=1), min_clips=1).fit_transform(X)
    plain = Mel2D(8, deltas=1).fit_transform(speech.data)
    assert [image.shape for image in values] == [image.shape for image in plain]
    mine = np.concatenate(list(values[speech.groups == speech.groups[0]]), axis=1)
    np.testing.assert_allclose(mine.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(mine.std(axis=1), 1, atol=1e-4)


def test_few_clips_are_blended_with_all():
    X = clips_of(a=[-1, 1], b=[-1, 1])  # Globally: mean 0, standard deviation 1.
    fitted = normalizer(min_clips=3, prior_weight=2).fit(X).enroll(clips_of(c=[3, 5]))
    # Mean 4 and variance 1 of two clips: mean (2 * 4 + 0) / 4 = 2, variance (2 + 2) / 4 = 1.
    assert fitted.transform(clips_of(c=[4])) == 2
    # A third clip is enough for statistics of its own: mean 4, variance 2 / 3.
    fitted.enroll(clips_of(c=[4]))
    np.testing.assert_allclose(fitted.transform(clips_of(c=[5])), np.sqrt(1.5))


def test_what_does_not_vary_over_a_speaker_keeps_the_global_scale():
    fitted = normalizer().fit(clips_of(a=[0, 4], b=[2, 2]))
    scale = np.std([0, 4, 2, 2])
    np.testing.assert_allclose(fitted.transform(clips_of(b=[3])), 1 / scale, rtol=1e-6)


# Who is known


def test_one_clip_of_a_known_speaker_needs_no_other():
    X = clips_of(a=[1, 3], b=[10, 30])
    fitted = normalizer().fit(X)
    together = fitted.transform(X)
    alone = np.concatenate([fitted.transform([clip]) for clip in X])
    np.testing.assert_array_equal(alone, together)


def test_the_statistics_of_a_stranger_are_those_of_its_clips_in_the_call():
    fitted = normalizer().fit(clips_of(a=[1, 3], b=[10, 30]))
    np.testing.assert_allclose(fitted.transform(clips_of(c=[5, 7])), [[-1], [1]], rtol=1e-6)
    assert "c" not in fitted.n_clips_


def test_a_stranger_may_be_standardised_as_all_are():
    X = clips_of(a=[0, 4], b=[-2, 6])
    values = normalizer(unseen="global").fit(X).transform(clips_of(c=[2, 7]))
    np.testing.assert_allclose(values, [[0], [5 / np.std([0, 4, -2, 6])]])


def test_a_stranger_may_be_refused():
    fitted = normalizer(unseen="raise").fit(clips_of(a=[1, 3]))
    with pytest.raises(AudioError, match=r"X\[1\] Audio.*: speaker 'c' is not known\. Enrol clips"):
        fitted.transform(clips_of(a=[1], c=[2]))
    fitted.enroll(clips_of(c=[2, 4])).transform(clips_of(c=[2]))


@pytest.mark.parametrize("unseen", ["batch", "global"])
def test_no_statistics_are_of_other_speakers_clips(unseen):
    X = clips_of(a=[1, 3], b=[10, 30], c=[5, 7])
    fitted = normalizer(unseen=unseen).fit(X[:4])
    alone = fitted.transform(X[4:])
    others = clips_of(a=[90, -90], d=[1000, 2000])
    np.testing.assert_array_equal(fitted.transform([*others, *X[4:]])[4:], alone)
    other = normalizer(unseen=unseen).fit([*clips_of(a=[-7, 50]), *X[2:4]])
    np.testing.assert_allclose(other.transform(X[2:4]), fitted.transform(X[2:4]), rtol=1e-6)


def test_predictions_do_not_depend_on_neighbours_where_strangers_are_global(speech, X):
    model = recogniser(unseen="global").fit(X[:12], speech.target[:12])
    together = model.decision_function(X)
    alone = np.concatenate([model.decision_function(X[[i]]) for i in range(len(X))])
    np.testing.assert_allclose(alone, together, rtol=1e-6)
    backwards = model.decision_function(X[::-1])[::-1]
    np.testing.assert_allclose(backwards, together, rtol=1e-6)


def test_statistics_never_see_a_label(speech, X):
    class NoLabels(Samples):
        def fit(self, X, y=None):
            assert y is None
            return self

    y, other = speech.target, speech.target[::-1]
    model = make_pipeline(SpeakerNormalizer(MFCC(5)), Recorder())
    np.testing.assert_array_equal(
        model.fit(X, y)[-1].fitted_, clone(model).fit(X, other)[-1].fitted_
    )
    SpeakerNormalizer(NoLabels()).fit(clips_of(a=[1, 2]), ["x", "y"])
    SpeakerNormalizer(NoLabels()).fit_transform(clips_of(a=[1, 2]), ["x", "y"])


# Enrolment


def test_enrolment_needs_neither_labels_nor_the_clips_of_fit():
    X = clips_of(a=[1, 3], b=[10, 30])
    fitted = normalizer(unseen="raise").fit(X)
    before = fitted.transform(X)
    values = fitted.enroll([Audio(np.array([v]), SR) for v in (5.0, 7.0)], "c").transform(
        clips_of(c=[7])
    )
    np.testing.assert_allclose(values, 1, rtol=1e-6)
    np.testing.assert_array_equal(fitted.transform(X), before)


def test_clips_add_up_however_they_are_enrolled(rng):
    X = clips_of(a=rng.normal(size=5), b=rng.normal(size=5))
    c = clips_of(c=rng.normal(size=6))
    once = normalizer().fit(X).enroll(c)
    thrice = normalizer().fit(X).enroll(c[:1]).enroll(c[1:4]).enroll(c[4:])
    np.testing.assert_allclose(thrice.transform(c), once.transform(c))
    assert once.n_clips_ == thrice.n_clips_ == {"a": 5, "b": 5, "c": 6}


def test_several_speakers_are_enrolled_at_once():
    fitted = normalizer(unseen="raise").fit(clips_of(a=[1, 3])).enroll(clips_of(b=[1, 2], c=[3]))
    assert fitted.n_clips_ == {"a": 2, "b": 2, "c": 1}


def test_enrolled_speakers_are_in_the_pickle(speech, X):
    model = recogniser(unseen="raise").fit(X[:18], speech.target[:18])
    model[0].enroll(speech.data[18:], "newcomer")
    clip = with_speakers(speech.data[18:19], ["newcomer"])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(clip), model.predict_proba(clip))


def test_a_pickle_shares_nothing_with_what_is_enrolled_later():
    fitted = normalizer().fit(clips_of(a=[1, 3]))
    voices = fitted.voices_
    value = voices["a"][0].mean_.copy()
    fitted.enroll(clips_of(a=[100]))
    np.testing.assert_array_equal(voices["a"][0].mean_, value)


@pytest.mark.parametrize("on_error", ["raise", "nan"])
@pytest.mark.filterwarnings("ignore:.*cannot be used:skser.AudioWarning")
def test_nothing_is_enrolled_where_a_clip_cannot_be_read(tmp_path, rng, on_error):
    paths = [str(tmp_path / f"{i}.wav") for i in range(4)]
    for path in paths:
        soundfile.write(path, rng.normal(scale=0.1, size=4000), SR)
    union = make_audio_union(RMS(), sr=SR, on_error=on_error)
    fitted = SpeakerNormalizer(union).fit(with_speakers(paths, ["a", "a", "b", "b"]))
    before = fitted.voices_
    clips = with_speakers([*paths[:2], "no-such.wav"], ["a", "c", "c"])
    with pytest.raises(AudioError, match=r"X\[2\] 'no-such.wav': "):
        fitted.enroll(clips)
    assert fitted.voices_ is before


def test_a_known_speaker_takes_no_clips_if_the_scaler_cannot_learn_on():
    fitted = normalizer(scaler=RobustScaler()).fit(clips_of(a=[1, 3, 4]))
    fitted.enroll(clips_of(b=[1, 2]))
    with pytest.raises(ValueError, match=r"'a' is known already, and RobustScaler cannot add"):
        fitted.enroll(clips_of(c=[5, 6], a=[1]))
    assert fitted.n_clips_ == {"a": 3, "b": 2}


def test_a_clip_is_enrolled_as_who_speaks_in_it():
    fitted = normalizer().fit(clips_of(a=[1, 3]))
    with pytest.raises(AudioError, match=r"X\[1\] .*: a clip of 'c' cannot be enrolled as .* 'b'"):
        fitted.enroll(clips_of(b=[1], c=[2]), "b")


def test_enrolment_comes_after_fit():
    with pytest.raises(NotFittedError):
        normalizer().enroll(clips_of(a=[1]))


# Bad input


@pytest.mark.parametrize("method", ["fit", "transform", "enroll"])
def test_clips_must_carry_their_speaker(method):
    X = [*clips_of(a=[1, 3]), Audio(np.ones(1), SR)]
    fitted = normalizer().fit(X[:2])
    with pytest.raises(AudioError, match=r"X\[2\] Audio.*not carry its speaker\. Pass with_speak"):
        getattr(fitted, method)(X)


def test_what_is_no_clip_is_told_first():
    with pytest.raises(AudioError, match=r"X\[0\] NoneType: this is not a clip"):
        normalizer().fit([None])


@pytest.mark.parametrize("speaker", [float("nan"), "", 1.5, True], ids=repr)
def test_a_speaker_must_be_somebody(speaker):
    clips = [Segment("a.wav", speaker=speaker)]
    with pytest.raises(AudioError, match=r"X\[0\] 'a.wav': the speaker is .*not a valid name"):
        normalizer().fit(clips)
    with pytest.raises(AudioError, match=r"enroll: the speaker is .*not a valid name"):
        normalizer().fit(clips_of(a=[1, 2])).enroll(clips_of(a=[1]), speaker)


def test_speakers_of_fit_and_later_are_of_one_type():
    fitted = normalizer().fit(with_speakers(np.eye(4), [1, 1, 2, 2], sr=SR))
    mixed = r"text \('1'\), and others are numbers \(1\)"
    with pytest.raises(AudioError, match=mixed):
        fitted.transform(with_speakers(np.eye(4), ["1"] * 4, sr=SR))
    with pytest.raises(AudioError, match=mixed):
        fitted.enroll(np.eye(4), "1")


def test_clips_without_a_speaker_may_be_standardised_as_all_are():
    fitted = normalizer(unnamed="global").fit(clips_of(a=[0, 4], b=[-2, 6]))
    np.testing.assert_allclose(fitted.transform([np.array([2.0])]), 0, atol=1e-7)


@pytest.mark.filterwarnings("ignore:.*cannot be used:skser.AudioWarning")
def test_clips_that_cannot_be_read_are_left_out_of_statistics(tmp_path, rng):
    path = str(tmp_path / "a.wav")
    soundfile.write(path, rng.normal(scale=0.1, size=4000), SR)
    parts = [
        Segment(path, 0, 0.1, "a"),
        Segment(path, 0.2, 0.4, "a"),
        Segment("no.wav", speaker="a"),
    ]
    union = make_audio_union(RMS(), sr=SR, on_error="nan")
    fitted = SpeakerNormalizer(union, min_clips=1)
    values = fitted.fit_transform(with_speakers(parts, ["a"] * 3))
    np.testing.assert_allclose(np.abs(values[:2]), 1, rtol=1e-4)
    assert np.isnan(values[2])
    assert fitted.n_clips_ == {"a": 2}
    assert np.isnan(fitted.transform([Segment("no.wav", speaker="b")])).all()


def test_an_extractor_that_makes_neither_vectors_nor_images_is_refused(X):
    from skser import LoadAudio

    with pytest.raises(ValueError, match="The extractor of SpeakerNormalizer returned an array"):
        SpeakerNormalizer(LoadAudio()).fit(X)


def test_a_fit_that_fails_leaves_it_as_it_was():
    fitted = normalizer().fit(clips_of(a=[1, 3]))
    before = dict(vars(fitted))
    with pytest.raises(AudioError, match="does not carry its speaker"):
        fitted.fit([Audio(np.ones(1), SR)])
    assert vars(fitted) == before


def test_names_and_containers_are_those_of_the_extractor(X):
    fitted = SpeakerNormalizer(MFCC(2)).set_output(transform="pandas").fit(X)
    assert fitted.transform(X).columns.tolist() == ["mfcc01_mean", "mfcc02_mean"]
    assert not hasattr(SpeakerNormalizer(Mel2D(8)).fit(X), "get_feature_names_out")


# In what scikit-learn, and this package, make of estimators


@pytest.mark.parametrize("unseen", ["batch", "global"])
def test_it_is_cross_validated_without_a_loop(speech, X, unseen):
    model, cv = recogniser(unseen=unseen), LeaveOneGroupOut()
    scores = cross_validate(
        model, X, speech.target, groups=speech.groups, cv=cv, scoring="balanced_accuracy"
    )
    labels = cross_val_predict(model, X, speech.target, groups=speech.groups, cv=cv)
    assert scores["test_score"].shape == (4,)
    assert np.mean(labels == speech.target) == pytest.approx(scores["test_score"].mean())


def test_a_list_is_cross_validated_too(speech, X):
    scores = cross_val_score(
        recogniser(), list(X), speech.target, groups=speech.groups, cv=GroupKFold(2)
    )
    assert scores.shape == (2,)


def test_a_search_reaches_everything_in_it(speech, X):
    grid = {
        "speakernormalizer__extractor__n_mfcc": [5, 13],
        "speakernormalizer__prior_weight": [0, 4],
        "speakernormalizer__unseen": ["batch", "global"],
    }
    search = GridSearchCV(recogniser(), grid, cv=GroupKFold(2), scoring="balanced_accuracy")
    search.fit(X, speech.target, groups=speech.groups)
    assert search.best_score_ > 0.5
    search.best_estimator_[0].enroll(speech.data[:2], "newcomer")


def test_it_is_stacked(speech, X):
    stack = StackingClassifier(
        [("a", recogniser()), ("b", recogniser(min_clips=1))],
        cv=GroupKFold(2).split(X, groups=speech.groups),
    )
    assert stack.fit(X, speech.target).predict(X).shape == speech.target.shape


def test_pieces_of_a_clip_are_of_its_speaker(speech, X):
    model = SegmentClassifier(recogniser(), window=0.3, hop=0.15)
    fitted = model.fit(X[:18], speech.target[:18])
    assert set(fitted.estimator_[0].n_clips_) == set(speech.groups[:18])
    assert fitted.predict(X).shape == (24,)


def test_statistics_of_pieces_are_of_the_whole_call(monkeypatch, X, speech):
    fitted = SegmentClassifier(recogniser(), window=0.3, hop=0.15).fit(X[:18], speech.target[:18])
    whole = fitted.predict_proba(X[18:])
    monkeypatch.setattr("skser.compose._segment_classifier._BATCH", 3)
    np.testing.assert_array_equal(fitted.predict_proba(X[18:]), whole)


def test_augmented_copies_are_of_their_clip_s_speaker(speech, X):
    model = AugmentedClassifier(recogniser(), AddNoise(), n_copies=2, random_state=0)
    model.fit(X, speech.target)
    assert model.estimator_[0].n_clips_ == dict.fromkeys(dict.fromkeys(speech.groups.tolist()), 18)


def test_arrays_keep_the_rate_that_the_extractor_states(speech):
    model = SegmentClassifier(
        recogniser(unnamed="global").set_params(speakernormalizer__extractor__sr=16000),
        window=0.01,
        hop=0.01,
    )
    model.fit(np.random.default_rng(0).normal(size=(2, 320)), [0, 1])
    assert len(model.predict_segments(np.ones((1, 320)))) == 2


@pytest.mark.slow
def test_a_network_takes_its_images(speech, X):
    images = SpeakerNormalizer(Mel2D(16))
    model = make_pipeline(images, Conv2DClassifier("residual2d", epochs=1, random_state=0))
    assert model.fit(X, speech.target).predict(X).shape == speech.target.shape


@pytest.mark.parametrize(
    ("extractor", "message"),
    [
        (make_pipeline(Mel2D(8), ImageToSequence()), "ends in ImageToSequence. Put it after"),
        (SpeakerNormalizer(MFCC(8)), "ends in SpeakerNormalizer. One"),
    ],
)
def test_an_extractor_that_is_behind_its_place_is_refused(extractor, message, speech):
    X = with_speakers(speech.data, speech.groups)
    with pytest.raises(ValueError, match=message):
        SpeakerNormalizer(extractor).fit(X)


def test_what_is_set_after_fit_is_checked_and_a_scaler_waits_for_the_next_fit(speech):
    X = with_speakers(speech.data, speech.groups)
    normalizer = SpeakerNormalizer(MFCC(8)).fit(X[:10])
    before = normalizer.transform(X)
    after = normalizer.set_params(scaler=QuantileTransformer(n_quantiles=5)).transform(X)
    np.testing.assert_array_equal(after, before)
    with pytest.raises(ValueError, match="unseen"):
        normalizer.set_params(unseen="btch").transform(X)
