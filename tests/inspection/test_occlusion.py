import pickle

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    MFCC2D,
    RMS,
    AddNoise,
    Audio,
    AudioError,
    AugmentedClassifier,
    FixDuration,
    Mel2D,
    MelImage,
    SegmentClassifier,
    SpeakerNormalizer,
    SpectrogramScaler,
    cache_info,
    make_audio_union,
    occlusion,
    with_speakers,
)
from skser.audio import as_items

SR = 16000


class HearsPixels(ClassifierMixin, BaseEstimator):
    """Decides by the mean of some rows and columns of an image; counts the images it was given."""

    def __init__(self, rows=slice(None), columns=slice(None)):
        self.rows = rows
        self.columns = columns

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.n_images_ = 0
        return self

    def predict_proba(self, X):
        self.n_images_ += len(X)
        level = np.array([np.asarray(image)[self.rows, self.columns].mean() for image in X])
        loud = 1 / (1 + np.exp(-level / 10))
        return np.column_stack([loud, 1 - loud])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def strongest(relevance):
    """Return the middle of the strongest patch: seconds, Hz."""
    band, window = np.unravel_index(relevance.values.argmax(), relevance.values.shape)
    return relevance.times[window], relevance.frequencies[band]


def logistic(*steps):
    return make_pipeline(*steps, StandardScaler(), LogisticRegression())


def images(*steps, **pixels):
    return make_pipeline(*steps, HearsPixels(**pixels))


# Known answers.


def test_a_model_that_hears_one_stretch_of_time_is_found_out(hears, noise):
    relevance = occlusion(hears(start=1.0, stop=1.25), noise, label="loud", n_bands=1)
    assert strongest(relevance)[0] == pytest.approx(1.125)
    outside = (relevance.windows[:, 1] < 0.9) | (relevance.windows[:, 0] > 1.35)
    np.testing.assert_array_equal(relevance.values[:, outside], 0)


def test_a_model_that_hears_one_band_is_found_out(hears, noise):
    relevance = occlusion(hears(low=2000, high=3000), noise, label="loud", window=2.0)
    low, high = relevance.bands[relevance.values[:, 0].argmax()]
    assert 1600 < low < high < 3700


def test_a_model_that_hears_one_patch_is_found_out(hears, noise):
    model = hears(start=0.5, stop=0.75, low=500, high=1000)
    time, frequency = strongest(occlusion(model, noise, label="loud"))
    assert time == pytest.approx(0.625)
    assert 500 < frequency < 1000


def test_what_all_is_lost_without_is_the_difference_to_silence(hears, noise):
    relevance = occlusion(hears(), noise, label="loud", window=2.0, n_bands=1)
    assert relevance.values.item() == pytest.approx(relevance.score, abs=1e-6)


def test_a_network_of_pixels_is_found_out(noise, noises):
    pipeline = images(Mel2D(32, sr=SR), rows=slice(16, 20), columns=slice(30, 38))
    pipeline.fit(noises.data, noises.target)
    # Of the noise, one patch is louder.
    y = noise.y.copy()
    y[30 * 512 : 38 * 512] *= 10
    relevance = occlusion(pipeline, Audio(y, SR))
    time, frequency = strongest(relevance)
    assert relevance.domain == "image"
    assert 30 * 512 / SR < time < 38 * 512 / SR
    assert 1689 < frequency < 2484


def test_a_picture_has_its_lowest_frequency_at_the_bottom(noises):
    pipeline = images(MelImage(sr=SR), SpectrogramScaler(), rows=slice(56, 64))
    pipeline.fit(noises.data, noises.target)
    values = occlusion(pipeline, noises.data[0], window=1.0).values[:, 0]
    assert abs(values[0]) > 1e-3
    np.testing.assert_array_equal(values[1:], 0)


def test_pixels_become_what_the_scaler_calls_the_mean(noises):
    pipeline = images(Mel2D(16, sr=SR), SpectrogramScaler())
    pipeline.fit(noises.data, noises.target)
    relevance = occlusion(pipeline, noises.data[0], window=1.0, n_bands=1)
    # The mean of an image that is 0 throughout.
    assert relevance.score - relevance.values.item() == pytest.approx(0.5, abs=1e-4)


def test_without_a_scaler_pixels_become_the_mean_of_the_clip(noises):
    pipeline = images(Mel2D(16, sr=SR)).fit(noises.data, noises.target)
    relevance = occlusion(pipeline, noises.data[0], window=1.0, n_bands=1)
    assert relevance.values.item() == pytest.approx(0, abs=1e-6)


# What holds for every model.


@pytest.mark.parametrize(
    "model",
    [
        logistic(make_audio_union(MFCC(5), RMS(), sr=SR)),
        SegmentClassifier(logistic(MFCC(5, sr=SR)), window=0.5, hop=0.25),
        AugmentedClassifier(logistic(MFCC(5, sr=SR)), AddNoise(), random_state=0),
        make_pipeline(MFCC(5, sr=SR), StandardScaler(), SVC()),
        make_pipeline(FixDuration(1.5), images(Mel2D(16, sr=SR), SpectrogramScaler())),
        make_pipeline(Mel2D(16, sr=SR), FunctionTransformer(lambda x: x[:, :, 0]), SVC()),
        images(MFCC2D(5, sr=SR)),
        images(make_audio_union(Mel2D(16, deltas=1), Mel2D(16), sr=SR)),
        images(make_audio_union(Mel2D(16), MFCC2D(16), sr=SR)),
        images(MelImage(sr=SR, duration=2.0)),
        GridSearchCV(images(Mel2D(sr=SR)), {"mel2d__n_mels": [16]}, cv=2),
    ],
    ids=lambda model: repr(model)[:40],
)
def test_the_map_is_finite_and_fits_its_axes(model, noises):
    clip = noises.data[0]
    model.fit(noises.data, noises.target)
    relevance = occlusion(model, clip, window=0.5, n_bands=3)
    n_windows = len(relevance.windows)
    assert relevance.values.shape == (3, n_windows)
    assert np.isfinite(relevance.values).all()
    assert relevance.predicted == model.predict([clip])[0]
    assert relevance.label == relevance.predicted
    assert relevance.windows[0, 0] == 0
    duration = len(relevance.sound.y) / relevance.sound.sr
    assert relevance.windows[-1, 1] == pytest.approx(duration)
    assert relevance.bands[0, 0] < 100
    assert 7000 < relevance.bands[-1, 1] <= 8000
    np.testing.assert_allclose(relevance.bands[1:, 0], relevance.bands[:-1, 1])


def test_the_score_is_that_of_the_model(noises):
    model = logistic(MFCC(5, sr=SR)).fit(noises.data, noises.target)
    quiet = occlusion(model, noises.data[0], label="quiet", window=0.5)
    probability = model.predict_proba(noises.data[:1])[0]
    assert quiet.label == "quiet"
    assert quiet.predicted == "loud"
    assert (quiet.predicted_score, quiet.score) == pytest.approx(tuple(probability))


def test_of_two_classes_what_speaks_for_one_speaks_against_the_other(hears, noise):
    loud = occlusion(hears(stop=0.5), noise, label="loud")
    quiet = occlusion(hears(stop=0.5), noise, label="quiet")
    np.testing.assert_allclose(loud.values, -quiet.values, atol=1e-12)


def test_decision_values_stand_in_for_probabilities(noises):
    model = make_pipeline(MFCC(5, sr=SR), SVC()).fit(noises.data, noises.target)
    relevance = occlusion(model, noises.data[0], label="loud", window=0.5, n_bands=2)
    assert relevance.measure == "decision"
    # Of two classes, scikit-learn gives the value of the second.
    assert relevance.score == pytest.approx(-model.decision_function(noises.data[:1])[0])


def test_a_batch_has_the_answers_of_single_clips(noises, monkeypatch):
    model = logistic(MFCC(5, sr=SR)).fit(noises.data, noises.target)
    together = occlusion(model, noises.data[0], window=0.5, n_bands=2)
    monkeypatch.setattr("skser.inspection._hide._BATCH", 1)
    single = occlusion(model, noises.data[0], window=0.5, n_bands=2)
    np.testing.assert_allclose(together.values, single.values, atol=1e-6)


@pytest.mark.parametrize(("n_fit", "n_at_once"), [(1000, 6), (4, 4), (0, 1)])
def test_long_clips_are_scored_a_few_at_once(hears, noise, monkeypatch, n_fit, n_at_once):
    model, batches = hears(), []
    scored = type(model).predict_proba

    def predict_proba(self, X):
        batches.append(len(X))
        return scored(self, X)

    monkeypatch.setattr(type(model), "predict_proba", predict_proba)
    monkeypatch.setattr("skser.inspection._hide._BYTES", n_fit * noise.y.nbytes)
    occlusion(model, noise, window=1.0, n_bands=2)
    assert max(batches) == n_at_once


def test_a_speaker_who_is_standardised_by_the_batch_is_heard_alone(noises):
    clips = with_speakers(noises.data, np.tile(["anna", "ben"], 5))
    normalizer = SpeakerNormalizer(MFCC(5, sr=SR), min_clips=1)
    model = make_pipeline(normalizer, LogisticRegression()).fit(clips, noises.target)
    stranger = noises.data[0]._replace(speaker="carl")
    relevance = occlusion(model, stranger, window=0.5, n_bands=1, label="loud")
    assert relevance.score == pytest.approx(model.predict_proba([stranger])[0, 0])
    # A clip on its own is the mean of its speaker, whatever is hidden in it.
    np.testing.assert_allclose(relevance.values, 0, atol=1e-6)


def test_the_image_of_a_known_speaker_is_hidden_in(noises):
    clips = with_speakers(noises.data, np.tile(["anna", "ben"], 5))
    model = images(SpeakerNormalizer(Mel2D(16, sr=SR))).fit(clips, noises.target)
    relevance = occlusion(model, clips[0], window=1.0, n_bands=1)
    assert relevance.score - relevance.values.item() == pytest.approx(0.5, abs=1e-6)


def test_only_the_steps_behind_the_image_are_run_again(noises, reads):
    pipeline = images(make_audio_union(Mel2D(16), sr=SR)).fit(noises.data, noises.target)
    reads.clear()
    occlusion(pipeline, noises.data[0], window=0.5, n_bands=4)
    assert len(reads) == 1
    # The whole for its score and its class, and twelve patches.
    assert pipeline[-1].n_images_ == 14


def test_a_memory_keeps_no_clip_in_which_something_is_hidden(noises, tmp_path):
    union = make_audio_union(MFCC(5), sr=SR, memory=tmp_path)
    model = logistic(union).fit(noises.data, noises.target)
    before = cache_info(tmp_path)
    occlusion(model, noises.data[0], window=0.5, n_bands=2)
    assert cache_info(tmp_path) == before


def test_padding_is_part_of_the_map(noises):
    model = images(Mel2D(16, sr=SR, duration=2.0)).fit(noises.data, noises.target)
    relevance = occlusion(model, noises.data[0])
    assert relevance.windows[-1, 1] == pytest.approx(2.0)
    assert len(relevance.sound.y) == 2 * SR


def test_an_array_has_the_rate_of_the_estimator(noises):
    model = logistic(MFCC(5, sr=SR)).fit(noises.data, noises.target)
    relevance = occlusion(model, noises.data[0].y, window=0.5, n_bands=1)
    assert relevance.sound.sr == SR
    assert relevance.windows[-1, 1] == pytest.approx(1.0)


def test_rows_that_are_no_bands_are_hidden_as_one(noises):
    model = images(MFCC2D(5, sr=SR)).fit(noises.data, noises.target)
    assert occlusion(model, noises.data[0]).domain == "sound"
    relevance = occlusion(model, noises.data[0], domain="image", n_bands=1)
    assert relevance.domain == "image"
    assert relevance.bands.tolist() == [[0, SR / 2]]


def test_a_map_pickles(hears, noise):
    relevance = occlusion(hears(), noise, window=1.0)
    copy = pickle.loads(pickle.dumps(relevance))
    np.testing.assert_array_equal(copy.values, relevance.values)


# Bad input.


def test_a_window_longer_than_the_clip_is_refused(hears, noise):
    with pytest.raises(AudioError, match=r"lasts 2 s, less than window=3.0 s. Pass a shorter"):
        occlusion(hears(), noise, window=3.0)


def test_a_window_too_short_to_hold_a_frame_is_refused(hears, noise):
    with pytest.raises(ValueError, match=r"window=0.001 s is shorter than the hop between frames"):
        occlusion(hears(), noise, window=0.001)


@pytest.mark.parametrize("window", [1e-5, 0.25])
def test_a_clip_of_two_samples_is_refused(hears, window):
    with pytest.raises(AudioError, match=r"too short to hide a part of it. Pass a clip of 0.1 s"):
        occlusion(hears(), Audio(np.ones(2, np.float32), SR), window=window)


def test_silence_is_refused(hears):
    with pytest.raises(AudioError, match=r"silent, .* Pass a clip with speech"):
        occlusion(hears(), Audio(np.zeros(SR), SR))


def test_a_clip_that_cannot_be_read_is_named(hears, tmp_path):
    with pytest.raises(AudioError, match=r"'no.wav': no such file"):
        occlusion(hears(), "no.wav")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), SR)
    with pytest.raises(AudioError, match=r"empty.wav'.*0 samples"):
        occlusion(hears(), tmp_path / "empty.wav")


@pytest.mark.parametrize("clips_of", [list, as_items])
def test_several_clips_are_refused(hears, noise, clips_of):
    with pytest.raises(AudioError, match=r"of length 2, but occlusion takes one clip. Pass one"):
        occlusion(hears(), clips_of([noise, noise]))


def test_a_model_without_scores_is_refused(noises):
    class Deciding(DummyClassifier):
        predict_proba = property()

    with pytest.raises(ValueError, match=r"neither predict_proba nor .*Calibrated"):
        occlusion(Deciding().fit(noises.data, noises.target), noises.data[0])


@pytest.mark.parametrize("n_classes", [3, 4])
@pytest.mark.parametrize("searched", [False, True])
def test_decisions_between_pairs_of_classes_are_refused(noises, n_classes, searched):
    target = np.arange(10) % n_classes
    model = make_pipeline(MFCC(5, sr=SR), SVC(decision_function_shape="ovo"))
    if searched:
        grid = {"svc__decision_function_shape": ["ovo"]}
        model = GridSearchCV(model.set_params(svc=SVC()), grid, cv=2)
    model.fit(noises.data, target)
    with pytest.raises(ValueError, match=r"Pass svc__decision_function_shape='ovr'"):
        occlusion(model, noises.data[0])


def test_two_classes_are_one_pair(noises):
    model = make_pipeline(MFCC(5, sr=SR), SVC(decision_function_shape="ovo"))
    assert occlusion(model.fit(noises.data, noises.target), noises.data[0]).measure == "decision"


def test_decisions_that_are_not_of_classes_are_refused(noises):
    class Pairs(SVC):
        def decision_function(self, X):
            return np.zeros((len(X), 6))

    model = make_pipeline(MFCC(5, sr=SR), Pairs()).fit(noises.data, np.arange(10) % 4)
    with pytest.raises(ValueError, match=r"shape \(\d+, 6\), but .* 4 classes .* predict_proba"):
        occlusion(model, noises.data[0])


def test_scores_that_are_not_finite_are_refused(noises):
    class Unsure(DummyClassifier):
        def predict_proba(self, X):
            return np.full((len(X), 2), np.nan)

    with pytest.raises(ValueError, match=r"returns NaN or infinity.*Check the features"):
        occlusion(Unsure().fit(noises.data, noises.target), noises.data[0])


def test_an_unknown_label_is_refused(hears, noise):
    with pytest.raises(ValueError, match=r"label='sad' is not a class .*\['loud', 'quiet'\]"):
        occlusion(hears(), noise, label="sad")


def test_an_image_that_is_not_there_is_refused(hears, noise):
    with pytest.raises(ValueError, match=r"HearsOnePart computes no image.*domain='sound'"):
        occlusion(hears(), noise, domain="image")


def test_bands_of_what_has_none_are_refused(noises):
    model = images(MFCC2D(5, sr=SR)).fit(noises.data, noises.target)
    with pytest.raises(ValueError, match=r"rows of MFCC2D are not frequency bands.*n_bands=1"):
        occlusion(model, noises.data[0], domain="image")


@pytest.mark.parametrize("domain", ["image", "sound"])
def test_more_bands_than_there_are_are_refused(noises, domain):
    model = images(Mel2D(16, sr=SR)).fit(noises.data, noises.target)
    with pytest.raises(ValueError, match=r"n_bands=1000.*Pass"):
        occlusion(model, noises.data[0], domain=domain, n_bands=1000)


def test_an_unfitted_model_is_refused(noise):
    with pytest.raises(ValueError, match="not fitted"):
        occlusion(logistic(MFCC()), noise)


@pytest.mark.parametrize("parameter", [{"window": 0}, {"hop": 0}, {"n_bands": 0}, {"domain": "x"}])
def test_a_parameter_out_of_range_is_refused(hears, noise, parameter):
    with pytest.raises(ValueError, match=f"'{next(iter(parameter))}' parameter"):
        occlusion(hears(), noise, **parameter)


def test_a_linear_model_without_probabilities_is_taken(noises):
    model = make_pipeline(RMS(sr=SR), Perceptron()).fit(noises.data, noises.target)
    assert occlusion(model, noises.data[0], window=0.5, n_bands=1).measure == "decision"
