import pickle

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

from skser import RMS, Audio, AudioError, AudioFunction, AudioWarning, cache_info, make_audio_union

SR = 22050


def peak_and_length(y, sr):
    return [np.abs(y).max(), len(y) / sr]


def peak(y, sr):
    return np.abs(y).max(keepdims=True)


def halves(y, sr):
    """Two coefficients of as many frames as there are samples."""
    return np.stack([y, y / 2])


def refuses_silence(y, sr):
    if not y.any():
        raise ZeroDivisionError("silent")
    return [1.0]


@pytest.mark.parametrize(
    "feature",
    [AudioFunction(peak_and_length), AudioFunction(halves, deltas=1)],
    ids=["row", "frames"],
)
def test_follows_scikit_learns_contract(feature):
    results = check_estimator(feature, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}


@pytest.fixture
def clips(rng):
    return [rng.normal(scale=0.1, size=n) for n in (3000, 700, 5000)]


def test_a_row_is_used_as_it_is(clips):
    feature = AudioFunction(peak_and_length, pooling=["mean", "std"])
    expected = [[np.abs(clip).max(), len(clip) / SR] for clip in clips]
    np.testing.assert_allclose(feature.fit_transform(clips), expected, rtol=1e-6)
    assert feature.get_feature_names_out().tolist() == ["peak_and_length01", "peak_and_length02"]
    assert AudioFunction(peak).fit(clips).get_feature_names_out().tolist() == ["peak"]


def test_it_is_printed_alike_in_every_process():
    feature = AudioFunction(peak, pooling=halves)
    text = "AudioFunction(function=<function peak>, pooling=<function halves>)"
    assert " ".join(repr(feature).split()) == text
    union = make_audio_union(RMS(pooling=["mean", "std", "min", "max"]), feature)
    assert " at 0x" not in repr(union)
    assert max(map(len, repr(union).splitlines())) < 100


def test_frames_are_pooled(clips):
    feature = AudioFunction(halves, pooling=["mean", "max"], names=["whole", "half"])
    values = feature.fit_transform(clips)
    expected = [[c.mean(), c.mean() / 2, c.max(), c.max() / 2] for c in clips]
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-7)
    names = ["whole_mean", "half_mean", "whole_max", "half_max"]
    assert feature.get_feature_names_out().tolist() == names


def test_samples_come_at_the_rate_that_is_asked_for(clips):
    seconds = AudioFunction(peak_and_length, sr=8000).fit_transform([Audio(clips[0], 16000)])[0, 1]
    assert seconds == pytest.approx(3000 / 16000, rel=1e-3)
    union = make_audio_union(AudioFunction(peak_and_length), RMS(), sr=16000, duration=0.25)
    assert union.fit_transform(clips)[:, 1].tolist() == [0.25] * 3


def test_a_function_that_writes_to_its_samples_changes_no_other_feature(clips):
    def erase(y, sr):
        y[:] = 0
        return [0.0]

    beside = make_audio_union(AudioFunction(erase), RMS()).fit_transform(clips)[:, 1:]
    np.testing.assert_array_equal(beside, RMS().fit_transform(clips))


def test_works_in_a_pipeline_in_processes_and_pickles(clips, rng):
    union = make_audio_union(AudioFunction(peak_and_length), RMS(), n_jobs=2)
    pipeline = make_pipeline(union, SVC())
    y = [0, 1] * 6
    X = [rng.normal(scale=0.1 + label, size=3000) for label in y]
    assert cross_val_score(pipeline, X, y, cv=2).mean() == 1
    fitted = pipeline.fit(X, y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))


@pytest.mark.parametrize(
    ("feature", "kept"),
    [
        (AudioFunction(peak, version=1), True),
        (AudioFunction(peak), False),
        (AudioFunction(lambda y, sr: [len(y)], version=1), False),
        (AudioFunction(peak, version=1, pooling=np.ravel), False),
    ],
    ids=["module, version", "no version", "lambda", "callable pooling"],
)
def test_values_are_kept_where_the_function_can_be_told(feature, kept, clips, tmp_path):
    union = make_audio_union(feature, memory=tmp_path)
    union.fit_transform(clips)
    assert cache_info(tmp_path)["n_values"] == (3 if kept else 0)


calls = []


def counted(y, sr):
    calls.append(len(y))
    return [len(y)]


def test_a_function_whose_values_are_kept_runs_once_in_each_fit(clips, tmp_path):
    union = make_audio_union(AudioFunction(counted, version=1), memory=tmp_path)
    union.fit_transform(clips)
    calls.clear()
    union.fit_transform(clips)
    assert len(calls) == 1


def test_another_function_or_version_has_values_of_its_own(clips, tmp_path):
    for feature in [
        AudioFunction(peak, version=1),
        AudioFunction(peak, version=2),
        AudioFunction(peak_and_length, version=1),
        AudioFunction(peak, version=1, names=["p"]),
    ]:
        values = make_audio_union(feature, memory=tmp_path).fit_transform(clips)
        np.testing.assert_array_equal(values, feature.fit_transform(clips))
    assert cache_info(tmp_path)["n_values"] == 9


def test_an_error_of_the_function_names_the_clip():
    clips = [np.ones(100), np.zeros(100)]
    with pytest.raises(AudioError, match=r"X\[1\] array of .*refuses_silence raised ZeroDivision"):
        AudioFunction(refuses_silence).fit_transform(clips)
    with pytest.warns(AudioWarning, match="1 of 2 clips"):
        values = make_audio_union(AudioFunction(refuses_silence), on_error="nan").fit_transform(
            clips
        )
    assert np.isnan(values).ravel().tolist() == [False, True]


def test_values_that_are_not_finite_name_the_clip(clips):
    with pytest.raises(
        AudioError, match=r"X\[0\].*nothing returned NaN or infinity. Check what the func"
    ):

        def nothing(y, sr):
            return [np.nan]

        AudioFunction(nothing).fit_transform(clips)


@pytest.mark.parametrize("returned", [np.zeros(0), np.zeros((1, 1, 1)), ["a"], None, 1j])
def test_what_is_no_array_of_numbers_is_refused(returned, clips):
    def odd(y, sr):
        return returned

    with pytest.raises(ValueError, match="odd must return numbers of shape"):
        AudioFunction(odd).fit(clips)


def test_parameters_that_do_not_fit_the_function_are_refused(clips):
    with pytest.raises(ValueError, match="deltas=1, but peak_and_length returns a row"):
        AudioFunction(peak_and_length, deltas=1).fit(clips)
    with pytest.raises(ValueError, match="names has 1 entries, but peak_and_length returns 2"):
        AudioFunction(peak_and_length, names=["peak"]).fit(clips)
    with pytest.raises(ValueError, match="'function' parameter of AudioFunction must be a callab"):
        AudioFunction(None).fit(clips)


def test_a_row_of_another_length_is_refused():
    def samples(y, sr):
        return y

    with pytest.raises(AudioError, match=r"X\[1\].*samples returned an array of shape \(20,\)"):
        AudioFunction(samples).fit_transform([np.ones(10), np.ones(20)])
