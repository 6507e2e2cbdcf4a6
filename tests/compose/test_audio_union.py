import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
import soundfile
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC,
    RMS,
    ZCR,
    Audio,
    AudioError,
    AudioFeatureUnion,
    AudioWarning,
    Chroma,
    Pitch,
    SpectralCentroid,
    incremental_grid,
    make_audio_union,
)
from skser.extraction import _clip

SR = 22050


def duration_and_peak(clips):
    return np.array([[len(clip), np.abs(clip).max()] for clip in clips])


@pytest.fixture
def clips(rng):
    """Ten clips of different length, half of them tones and half noise."""
    time = np.arange(4000) / SR
    tones = [np.sin(2 * np.pi * f * time[: 3000 + f]) for f in (300, 350, 400, 450, 500)]
    noises = [rng.normal(scale=0.3, size=2500 + 100 * i) for i in range(5)]
    return [clip + rng.normal(scale=0.01, size=len(clip)) for clip in tones + noises]


@pytest.fixture
def kinds():
    return np.repeat(["tone", "noise"], 5)


@pytest.fixture
def paths(clips, tmp_path):
    for i, clip in enumerate(clips):
        soundfile.write(tmp_path / f"{i}.wav", clip / 4, SR)
    return [str(tmp_path / f"{i}.wav") for i in range(len(clips))]


@pytest.fixture
def pipeline():
    return Pipeline(
        [
            ("features", make_audio_union(ZCR(), RMS(), MFCC(5), Chroma())),
            ("scale", StandardScaler()),
            ("classify", SVC()),
        ]
    )


@pytest.fixture
def analyses(monkeypatch):
    """Plans of the analyses that were made."""
    plans = []
    original = _clip.Analysis

    def analyse(y, plan):
        plans.append(plan)
        return original(y, plan)

    monkeypatch.setattr(_clip, "Analysis", analyse)
    return plans


@parametrize_with_checks([make_audio_union(ZCR(), RMS(), MFCC(13))])
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


def test_equals_a_plain_feature_union(clips):
    members = [("mfcc", MFCC(13, deltas=1)), ("rms", RMS(pooling=["mean", "p95"])), ("zcr", ZCR())]
    union, plain = AudioFeatureUnion(members), FeatureUnion(members)
    np.testing.assert_array_equal(union.fit_transform(clips), plain.fit_transform(clips))
    np.testing.assert_array_equal(union.transform(clips[3:]), plain.transform(clips[3:]))
    assert union.get_feature_names_out().tolist() == plain.get_feature_names_out().tolist()


def test_fit_then_transform_equals_fit_transform(clips):
    union = make_audio_union(ZCR(), MFCC(5), duration="max")
    np.testing.assert_array_equal(
        clone(union).fit(clips).transform(clips), union.fit_transform(clips)
    )


def test_each_clip_is_read_once(paths, reads):
    union = make_audio_union(ZCR(), RMS(n_fft=512), MFCC(5, duration=0.1)).fit(paths)
    reads.clear()
    union.transform(paths)
    assert reads == [(i, SR) for i in range(len(paths))]


@pytest.mark.parametrize(
    ("other", "n_plans"),
    [
        (RMS(), 1),
        (RMS(n_fft=2048, hop_length=512, window="hann", sr=22050), 1),
        (RMS(n_fft=512), 2),
        (RMS(sr=16000), 2),
        (RMS(duration=0.1), 2),
    ],
    ids=repr,
)
def test_one_analysis_serves_all_members_of_a_plan(other, n_plans, clips, analyses):
    union = make_audio_union(ZCR(), MFCC(5), other).fit(clips)
    analyses.clear()
    union.transform(clips)
    assert len(analyses) == n_plans * len(clips)


def test_processes_do_not_change_values(paths):
    union = make_audio_union(ZCR(), MFCC(5))
    serial = union.fit_transform(paths)
    np.testing.assert_array_equal(union.set_params(n_jobs=2).fit_transform(paths), serial)


@pytest.mark.parametrize(
    ("shared", "value"), [("sr", 16000), ("n_fft", 512), ("hop_length", 256), ("window", "hamming")]
)
def test_parameter_holds_for_every_member(shared, value, clips):
    union = make_audio_union(MFCC(5), SpectralCentroid(), **{shared: value})
    alone = [member(**{shared: value}).fit_transform(clips) for member in (MFCC, SpectralCentroid)]
    expected = np.hstack([alone[0][:, :5], alone[1]])
    if shared == "sr":
        clips = [Audio(clip, 16000) for clip in clips]
    np.testing.assert_array_equal(union.fit_transform(clips), expected)


def test_members_own_parameter_overrides_the_unions(clips):
    union = make_audio_union(RMS(n_fft=256, duration=0.1), ZCR(), n_fft=512, duration=0.2)
    union.fit(clips)
    rms, zcr = union.named_transformers.rms, union.named_transformers.zcr
    assert (rms.plan_.n_fft, rms.n_samples_) == (256, SR / 10)
    assert (zcr.plan_.n_fft, zcr.n_samples_) == (512, SR / 5)


def test_duration_max_is_that_of_the_longest_clip(clips):
    union = make_audio_union(RMS(pooling=None), duration="max")
    longest = max(len(clip) for clip in clips)
    assert union.fit_transform(clips).shape == (10, 1 + longest // 512)


def test_given_members_stay_unfitted(clips):
    rms = RMS()
    union = AudioFeatureUnion([("rms", rms)]).fit(clips)
    assert not hasattr(rms, "plan_")
    assert union.transformer_list[0][1] is rms
    assert union.transformers_[0][1] is not rms


def test_unfitted_union_refuses_to_transform(clips):
    with pytest.raises(NotFittedError, match="This AudioFeatureUnion instance is not fitted yet"):
        make_audio_union(RMS()).transform(clips)


def test_dropped_member_leaves_no_column(clips):
    union = make_audio_union(ZCR(), MFCC(5)).set_params(mfcc="drop")
    np.testing.assert_array_equal(union.fit_transform(clips), ZCR().fit_transform(clips))
    assert union.get_feature_names_out().tolist() == ["zcr__zcr_mean"]


@pytest.mark.parametrize("members", [[], [("rms", "drop"), ("zcr", "drop")]])
def test_union_without_members_is_refused(members, clips):
    with pytest.raises(ValueError, match=r"AudioFeatureUnion has no members left.* Keep at least"):
        AudioFeatureUnion(members).fit(clips)


def test_any_transformer_of_clips_may_be_a_member(clips):
    union = make_audio_union(ZCR(), FunctionTransformer(duration_and_peak))
    values = union.fit_transform(clips)
    np.testing.assert_array_equal(values, union.transform(clips))
    np.testing.assert_allclose(values[:, 1:], duration_and_peak(clips))
    np.testing.assert_array_equal(values[:, :1], ZCR().fit_transform(clips))


def test_sparse_member_becomes_dense(clips):
    union = make_audio_union(ZCR(), FunctionTransformer(lambda X: csr_array(duration_and_peak(X))))
    np.testing.assert_allclose(union.fit_transform(clips)[:, 1:], duration_and_peak(clips))


def test_member_that_returns_no_table_is_refused(clips):
    union = make_audio_union(ZCR(), FunctionTransformer(lambda X: np.ones((len(X), 2, 2))))
    with pytest.raises(ValueError, match="Member 'functiontransformer' returned 3 dimensions"):
        union.fit_transform(clips)


def test_unreadable_clip_is_an_error(clips):
    with pytest.raises(AudioError, match=r"X\[2\] 'missing\.wav': no such file"):
        make_audio_union(RMS(), ZCR()).fit_transform([*clips[:2], "missing.wav"])


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("bad", [[0], [3, 7]])
def test_unreadable_clips_become_nan_and_one_warning(bad, n_jobs, paths):
    with_bad = [f"missing{i}.wav" if i in bad else path for i, path in enumerate(paths)]
    union = make_audio_union(RMS(), MFCC(5), on_error="nan", n_jobs=n_jobs)
    with pytest.warns(AudioWarning) as caught:
        values = union.fit_transform(with_bad)
    good = np.setdiff1d(range(len(paths)), bad)
    assert np.isnan(values[bad]).all()
    np.testing.assert_array_equal(values[good], union.transform([paths[i] for i in good]))
    assert len(caught) == 1
    message = str(caught[0].message)
    assert message.startswith(f"{len(bad)} of 10 clips cannot be used; their values are NaN:")
    assert all(f"X[{i}] 'missing{i}.wav': no such file" in message for i in bad)


def test_warning_points_at_the_caller(paths):
    union = make_audio_union(RMS(), on_error="nan").fit(paths)
    with pytest.warns(AudioWarning) as caught:
        union.transform([*paths, "missing.wav"])
    assert caught[0].filename == __file__


def test_fit_needs_one_clip_that_can_be_used():
    union = make_audio_union(RMS(), on_error="nan")
    message = r"None of the 2 clips can be used, but fit needs at least one\. X\[0\] 'missing\.wav'"
    with pytest.raises(AudioError, match=message):
        union.fit(["missing.wav", "absent.wav"])


@pytest.mark.parametrize("n_bad", [1, 2])
def test_what_a_bad_clip_becomes_does_not_depend_on_its_neighbours(n_bad, paths):
    union = make_audio_union(RMS(), MFCC(2), on_error="nan").fit(paths)
    bad = ["missing.wav"] * n_bad
    with pytest.warns(AudioWarning, match=f"{n_bad} of {n_bad} clips cannot be used"):
        alone = union.transform(bad)
    with pytest.warns(AudioWarning, match=f"{n_bad} of {n_bad + 1} clips cannot be used"):
        beside = union.transform([paths[0], *bad])
    np.testing.assert_array_equal(alone, np.full((n_bad, 3), np.nan))
    np.testing.assert_array_equal(alone, beside[1:])


def test_duration_max_passes_over_unreadable_clips(paths):
    union = make_audio_union(RMS(), on_error="nan", duration="max")
    with pytest.warns(AudioWarning, match="1 of 11 clips"):
        assert union.fit_transform(["missing.wav", *paths]).shape == (11, 1)


def test_progress_bar_goes_to_stderr(clips, capsys):
    make_audio_union(RMS(), progress=True).fit_transform(clips)
    captured = capsys.readouterr()
    assert "10/10" in captured.err
    assert captured.out == ""


class Weighted(TransformerMixin, BaseEstimator):
    """Gives the sum of the weights of its fit."""

    def fit(self, X, y=None, sample_weight=None):
        self.total_ = np.nan if sample_weight is None else np.sum(sample_weight)
        return self

    def transform(self, X):
        return np.full((len(X), 1), self.total_)


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_metadata_reaches_the_members_that_request_it(method, clips):
    weighted = Weighted()
    with sklearn.config_context(enable_metadata_routing=True):
        weighted.set_fit_request(sample_weight=True)
        union = AudioFeatureUnion([("rms", RMS()), ("weighted", weighted)])
        getattr(union, method)(clips, sample_weight=np.arange(10))
        assert union.transform(clips)[0, 1] == 45
        plain = FeatureUnion([("rms", RMS()), ("weighted", weighted)])
        getattr(plain, method)(clips, sample_weight=np.arange(10))
        np.testing.assert_array_equal(plain.transform(clips), union.transform(clips))


def test_metadata_that_nobody_requests_is_refused(clips):
    with (
        sklearn.config_context(enable_metadata_routing=True),
        pytest.raises(TypeError, match=r"unexpected argument.*'sample_weight'"),
    ):
        make_audio_union(RMS()).fit(clips, sample_weight=np.ones(10))


def test_without_routing_metadata_goes_to_all_members_which_must_take_it(clips):
    union = AudioFeatureUnion([("weighted", Weighted())])
    assert union.fit(clips, sample_weight=np.ones(10)).transform(clips)[0, 0] == 10
    with pytest.raises(TypeError, match=r"RMS\.fit does not take 'sample_w.*metadata routing"):
        make_audio_union(RMS(), Weighted()).fit(clips, sample_weight=np.ones(10))


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_a_fit_that_fails_leaves_no_trace(method, clips, paths):
    class Failing(Different):
        def fit(self, X, y=None):
            raise RuntimeError("no")

        fit_transform = fit

    failing = AudioFeatureUnion([("rms", RMS()), ("failing", Failing())])
    with pytest.raises(RuntimeError, match="no"):
        getattr(failing, method)(clips)
    with pytest.raises(NotFittedError):
        failing.transform(clips)

    union = make_audio_union(RMS(), MFCC(3)).fit(paths)
    before, expected = dict(vars(union)), union.transform(clips)
    bad_first = [np.zeros(0), *clips]
    with pytest.raises(AudioError, match=r"X\[0\]"):
        getattr(union.set_params(n_fft=512), method)(bad_first)
    assert dict(vars(union.set_params(n_fft=2048))) == before
    np.testing.assert_array_equal(union.transform(clips), expected)


def test_an_extraction_that_fails_midway_leaves_the_union_unfitted(clips):
    union = make_audio_union(RMS())
    with pytest.raises(AudioError, match=r"X\[2\]"):
        union.fit_transform([*clips[:2], "missing.wav"])
    with pytest.raises(NotFittedError):
        union.transform(clips)


def test_no_progress_bar_unless_asked_for(clips, capsys):
    make_audio_union(RMS()).fit_transform(clips)
    assert capsys.readouterr() == ("", "")


def test_names_have_the_members_prefix(clips):
    union = make_audio_union(RMS(), MFCC(2)).fit(clips)
    names = ["rms__rms_mean", "mfcc__mfcc01_mean", "mfcc__mfcc02_mean"]
    assert union.get_feature_names_out().tolist() == names
    union = make_audio_union(RMS(), MFCC(2), verbose_feature_names_out=False).fit(clips)
    assert union.get_feature_names_out().tolist() == ["rms_mean", "mfcc01_mean", "mfcc02_mean"]


def test_members_of_one_class_are_numbered():
    union = make_audio_union(MFCC(5), RMS(), MFCC(5, n_fft=512))
    assert [name for name, _ in union.transformer_list] == ["mfcc-1", "rms", "mfcc-2"]


def test_pandas_output_keeps_the_index(clips):
    series = pd.Series(clips, index=[f"clip{i}" for i in range(10)])
    frame = make_audio_union(RMS(), ZCR()).set_output(transform="pandas").fit_transform(series)
    assert frame.columns.tolist() == ["rms__rms_mean", "zcr__zcr_mean"]
    assert frame.index.tolist() == series.index.tolist()


def test_weights_multiply_the_members_values(clips):
    plain = make_audio_union(RMS(), ZCR()).fit_transform(clips)
    weighted = make_audio_union(RMS(), ZCR(), transformer_weights={"rms": 10}).fit_transform(clips)
    np.testing.assert_allclose(weighted, plain * [10, 1])
    assert weighted.dtype == np.float32


def test_weight_of_no_member_is_refused(clips):
    with pytest.raises(ValueError, match='Attempting to weight transformer "mfcc"'):
        make_audio_union(RMS(), transformer_weights={"mfcc": 2}).fit(clips)


def test_names_must_be_unique(clips):
    with pytest.raises(ValueError, match="Names provided are not unique"):
        AudioFeatureUnion([("a", RMS()), ("a", ZCR())]).fit(clips)


@pytest.mark.parametrize(
    ("parameter", "value"), [("sr", 0), ("n_fft", 0.5), ("on_error", "ignore"), ("duration", "min")]
)
def test_parameters_are_checked(parameter, value, clips):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter of AudioFeatureUnion must be"):
        make_audio_union(RMS(), **{parameter: value}).fit(clips)


def test_members_and_parameters_are_searched(pipeline, clips, kinds):
    grid = [
        {"features__mfcc": ["drop"], "features__n_fft": [512, 1024]},
        {
            "features__chroma": ["drop"],
            "features__mfcc__n_mfcc": [2, 3],
            "features__mfcc": [MFCC()],
        },
    ]
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(clips, kinds)
    assert search.cv_results_["mean_test_score"].shape == (4,)
    assert search.best_score_ > 0.5


def test_incremental_grid_adds_feature_after_feature(pipeline, clips, kinds):
    grids = incremental_grid("features", keep=["zcr"], add=["rms", "mfcc", "chroma"])
    search = GridSearchCV(pipeline, grids, cv=2, error_score="raise").fit(clips, kinds)
    widths = [
        clone(pipeline).set_params(**params)[:1].fit_transform(clips).shape[1]
        for params in search.cv_results_["params"]
    ]
    assert widths == [1, 2, 7, 19]


def test_pipeline_reduces_classifies_and_pickles(clips, kinds):
    pipeline = Pipeline(
        [
            ("features", make_audio_union(ZCR(), SpectralCentroid(), MFCC(3))),
            ("scale", StandardScaler()),
            ("reduce", LinearDiscriminantAnalysis()),
            ("classify", SVC()),
        ]
    )
    assert cross_val_score(pipeline, clips, kinds, cv=2).mean() > 0.7
    predicted = pipeline.fit(clips, kinds).predict(clips)
    assert (predicted == kinds).all()
    copy = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(copy.predict(clips), predicted)


def test_works_on_speech(speech_clips):
    values = make_audio_union(ZCR(), RMS(), MFCC(13)).fit_transform(speech_clips[:3])
    assert values.shape == (3, 15)
    assert np.isfinite(values).all()


class Different(TransformerMixin, BaseEstimator):
    """Gives other values for the clips it was fitted on, as cross-fitted transformers do."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.zeros((len(X), 1))

    def fit_transform(self, X, y=None):
        return np.ones((len(X), 1))

    def __sklearn_is_fitted__(self):
        return True


def test_another_transformer_is_fitted_as_in_a_feature_union(rng):
    clips = rng.normal(size=(3, 4000))
    union = AudioFeatureUnion([("rms", RMS()), ("different", Different())])
    assert union.fit_transform(clips)[:, 1].tolist() == [1, 1, 1]
    assert union.transform(clips)[:, 1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("bad", [None, np.zeros(0), Audio(np.ones(9), 0), "missing.wav", 3])
def test_whatever_is_wrong_with_a_clip_it_can_be_a_row_of_nan(rng, bad):
    union = make_audio_union(RMS(), on_error="nan")
    with pytest.warns(AudioWarning, match="1 of 2 clips"):
        values = union.fit_transform([rng.normal(size=4000), bad])
    assert np.isnan(values).tolist() == [[False], [True]]


def test_a_row_that_is_not_finite_can_be_a_row_of_nan(rng):
    clips = rng.normal(size=(3, 4000))
    clips[1, 7] = np.nan
    with pytest.warns(AudioWarning, match="1 of 3 clips"):
        values = make_audio_union(RMS(), on_error="nan").fit_transform(clips)
    assert np.isnan(values[:, 0]).tolist() == [False, True, False]


@pytest.mark.parametrize("as_rows", [False, True])
def test_arrays_are_at_the_rate_of_the_union_for_every_member(as_rows, rng):
    rows = rng.normal(scale=0.1, size=(3, 4410))
    union = make_audio_union(RMS(), ZCR(sr=16000), Pitch(), duration="max")
    audio = [Audio(y, SR) for y in rows]
    values = union.fit_transform(rows if as_rows else list(rows))
    np.testing.assert_array_equal(values, union.fit_transform(audio))
    # 0.2 s at each member's own rate.
    assert [member.n_samples_ for _, member in union.transformers_] == [4410, 3200, 3200]
    np.testing.assert_array_equal(union.fit(audio).transform(rows), values)


def test_the_store_tells_arrays_of_two_rates(rng, tmp_path):
    y = rng.normal(scale=0.1, size=4410)
    for sr in (8000, SR, 8000):
        union = make_audio_union(RMS(sr=8000), sr=sr, memory=tmp_path)
        expected = RMS(sr=8000).fit_transform([Audio(y, sr)])
        np.testing.assert_array_equal(union.fit_transform([y]), expected)


def test_backends_that_hand_out_results_at_once_work(rng):
    clips = rng.normal(size=(4, 4000))
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        values = make_audio_union(RMS()).fit_transform(clips)
    np.testing.assert_array_equal(values, make_audio_union(RMS()).fit_transform(clips))


def test_a_union_without_members_has_seen_no_clips():
    assert not hasattr(AudioFeatureUnion([]), "n_features_in_")


@pytest.mark.parametrize("members", [[RMS()], []], ids=["with a feature", "alone"])
def test_a_member_that_returns_vectors_of_too_many_clips_is_named(members, rng):
    longer = FunctionTransformer(lambda X: np.ones((len(X) + 1, 2)))
    union = make_audio_union(*members, FunctionTransformer(lambda X: X[:, :2]), longer)
    with pytest.raises(
        ValueError, match=r"'functiontransformer-2' returned an array of shape \(4, 2\) for 3 clips"
    ):
        union.fit_transform(rng.normal(size=(3, 4000)))
