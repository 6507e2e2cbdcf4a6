import numpy as np
import pytest
from scipy.stats import randint
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterSampler, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    AudioError,
    AudioFeatureUnion,
    AudioWarning,
    SegmentClassifier,
    SpeakerNormalizer,
    TrimSilence,
    as_items,
    cache_info,
    incremental_grid,
    make_audio_union,
    make_emotional_speech,
    prefetch,
    with_speakers,
)

SR = 8000


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(2, 2, emotions=["angry", "sad"], sr=SR, random_state=0)


def pipeline(memory, *features, **parameters):
    features = features or (ZCR(), RMS(), MFCC(4))
    union = make_audio_union(*features, sr=SR, memory=memory, **parameters)
    return Pipeline([("features", union), ("classify", SVC())])


def kept(folder):
    return cache_info(folder)["n_values"]


def test_each_clip_is_read_once_for_all_candidates(speech, reads, tmp_path):
    grids = incremental_grid("features", ["zcr"], ["rms", "mfcc"], features__mfcc__n_mfcc=[4, 8])
    prefetch(GridSearchCV(pipeline(tmp_path), grids, cv=2), speech.data)
    assert sorted(index for index, _ in reads) == list(range(len(speech.data)))
    assert kept(tmp_path) == 4 * len(speech.data)


@pytest.mark.parametrize(
    ("grid", "n_values"),
    [
        ({"features__n_fft": [256, 512]}, 6),
        ({"features__mfcc__n_fft": [256, 512]}, 4),
        ({"features__duration": [0.5, None]}, 6),
        ({"features__mfcc": [MFCC(3), MFCC(5), "drop"]}, 4),
        ({"classify__C": [1, 10]}, 3),
        ([{"features__rms": ["drop"], "features__mfcc": ["drop"]}, {"features__zcr": ["drop"]}], 3),
        ({"features": [AudioFeatureUnion([("mfcc", MFCC(6))], sr=SR, memory=None)]}, None),
    ],
)
def test_every_value_that_the_search_asks_for_is_there(speech, tmp_path, grid, n_values):
    if n_values is None:
        grid = {"features": [clone(grid["features"][0]).set_params(memory=tmp_path)]}
        n_values = 1
    search = GridSearchCV(pipeline(tmp_path), grid, cv=2)
    prefetch(search, speech.data)
    assert kept(tmp_path) == n_values * len(speech.data)
    search.fit(speech.data, speech.target)
    assert kept(tmp_path) == n_values * len(speech.data)


def test_the_search_finds_what_it_would_have_computed(speech, tmp_path):
    grid = {"features__mfcc__n_mfcc": [4, 8]}
    plain = GridSearchCV(pipeline(None), grid, cv=2).fit(speech.data, speech.target)
    search = GridSearchCV(pipeline(tmp_path), grid, cv=2)
    prefetch(search, speech.data)
    search.fit(speech.data, speech.target)
    for name in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(search.cv_results_[name], plain.cv_results_[name])


def test_a_second_time_reads_nothing(speech, reads, tmp_path):
    pipe = pipeline(tmp_path)
    prefetch(pipe, speech.data)
    reads.clear()
    prefetch(pipe, speech.data)
    assert reads == []


def test_the_estimator_stays_as_it_was(speech, tmp_path):
    pipe = pipeline(tmp_path)
    prefetch(pipe, speech.data)
    assert not hasattr(pipe["features"], "transformers_")
    assert not hasattr(pipe["features"].transformer_list[0][1], "plan_")


def test_random_candidates_are_known_by_their_seed(speech, tmp_path):
    space = {"features__mfcc__n_mfcc": randint(2, 40)}
    search = RandomizedSearchCV(pipeline(tmp_path), space, n_iter=3, cv=2, random_state=0)
    prefetch(search, speech.data)
    drawn = {p["features__mfcc__n_mfcc"] for p in ParameterSampler(space, 3, random_state=0)}
    n_values = (2 + len(drawn)) * len(speech.data)
    assert kept(tmp_path) == n_values
    search.fit(speech.data, speech.target)
    assert kept(tmp_path) == n_values
    with pytest.raises(ValueError, match="draws its candidates with random_state=None"):
        prefetch(search.set_params(random_state=None), speech.data)


def test_unions_are_found_at_any_depth(speech, tmp_path):
    union = make_audio_union(ZCR(), sr=SR, memory=tmp_path)
    inner = make_pipeline(SpeakerNormalizer(union), SVC())
    search = GridSearchCV(FeatureUnion([("a", inner[:-1]), ("b", clone(inner[:-1]))]), {})
    prefetch(search, with_speakers(speech.data, speech.groups))
    assert kept(tmp_path) == len(speech.data)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (make_pipeline(RMS(), SVC()), "holds no AudioFeatureUnion"),
        (FeatureUnion([("rms", RMS())]), "holds no AudioFeatureUnion"),
        (pipeline(None), "has memory=None, so it cannot keep values"),
        (make_pipeline(TrimSilence(), make_audio_union(RMS())), "step 'trimsilence' makes"),
        (SegmentClassifier(pipeline("x"), 1.0), "that SegmentClassifier makes"),
    ],
)
def test_what_cannot_be_computed_ahead_is_refused(speech, estimator, message):
    with pytest.raises(ValueError, match=message):
        prefetch(estimator, speech.data)


@pytest.fixture
def with_a_missing_file(speech, tmp_path):
    return as_items([*speech.data[:3], str(tmp_path / "missing.wav")])


def test_a_clip_that_cannot_be_read_is_an_error(with_a_missing_file, tmp_path):
    with pytest.raises(AudioError, match=r"missing\.wav"):
        prefetch(pipeline(tmp_path), with_a_missing_file)


def test_where_the_union_passes_over_clips_they_are_listed_once(with_a_missing_file, tmp_path):
    search = GridSearchCV(pipeline(tmp_path, on_error="nan"), {"features__n_fft": [256, 512]})
    with pytest.warns(AudioWarning, match=r"1 of 4 clips cannot be used.*\n.*missing") as record:
        prefetch(search, with_a_missing_file)
    assert len(record) == 1
    assert record[0].filename == __file__
    assert kept(tmp_path) == 6 * 3


def test_what_cannot_be_kept_is_named(speech, tmp_path):
    pipe = pipeline(tmp_path, ZCR(), MFCC(4, pooling=lambda frames: frames.mean(axis=1)))
    with pytest.warns(AudioWarning, match="The values of MFCC cannot be kept") as record:
        prefetch(pipe, speech.data)
    assert record[0].filename == __file__
    assert kept(tmp_path) == len(speech.data)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"features__mfcc__n_mfcc": [4, -1]}, "mfcc: The 'n_mfcc' parameter"),
        ({"features__mfcc__n_mfcc": [4, 500]}, "mfcc: n_mfcc=500 exceeds n_mels"),
        ({"features__mfcc__n_fft": [256, -1], "classify__C": [1, 2]}, "mfcc: .*n_fft"),
    ],
)
@pytest.mark.parametrize("error_score", [0.0, "raise"])
def test_what_cannot_be_computed_is_named_and_the_rest_is_kept(
    speech, tmp_path, grid, message, error_score
):
    search = GridSearchCV(pipeline(tmp_path), grid, cv=2, error_score=error_score)
    with pytest.warns(AudioWarning, match=rf"Some values cannot be computed.*\n  {message}") as one:
        prefetch(search, speech.data)
    assert len(one) == 1 and str(one[0].message).count("\n") == 1
    assert one[0].filename == __file__
    assert kept(tmp_path) == 3 * len(speech.data)


@pytest.mark.parametrize(
    ("n_mfcc", "message"), [(500, "n_mfcc=500 exceeds n_mels"), (-1, "'n_mfcc' parameter of MFCC")]
)
def test_if_nothing_can_be_computed_the_first_error_is_raised(speech, tmp_path, n_mfcc, message):
    with pytest.raises(ValueError, match=message):
        prefetch(pipeline(tmp_path, MFCC(n_mfcc)), speech.data)


def test_processes_and_progress_are_those_of_the_union(speech, tmp_path, capsys, monkeypatch):
    asked = []
    from skser.selection import _prefetch

    original = _prefetch.fill
    monkeypatch.setattr(
        _prefetch, "fill", lambda *a, n_jobs, **k: (asked.append(n_jobs), original(*a, **k))[1]
    )
    prefetch(pipeline(tmp_path, progress=True, n_jobs=1), speech.data)
    prefetch(GridSearchCV(pipeline(tmp_path), {}, n_jobs=-1), speech.data)
    assert asked == [1, -1]
    assert "8/8" in capsys.readouterr().err
