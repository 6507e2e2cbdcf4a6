import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    cross_val_score,
    cross_validate,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC,
    RMS,
    ZCR,
    AddNoise,
    Audio,
    AudioError,
    AudioWarning,
    AugmentedClassifier,
    Compose,
    Gain,
    LoadAudio,
    Normalize,
    Segment,
    SegmentClassifier,
    TimeShift,
    TimeStretch,
    as_items,
    cache_info,
    make_audio_union,
)

SR = 22050
N_CLIPS = 8


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what fit was given."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.X_, self.y_, self.sample_weight_, self.groups_ = X, y, sample_weight, groups
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self.n_predicted_ = len(X)
        return np.full(len(X), self.classes_[0])


@pytest.fixture
def clips(rng):
    return as_items([Audio(rng.normal(scale=s, size=3000), SR) for s in np.linspace(0.1, 1, 8)])


@pytest.fixture
def y():
    return np.array(["calm"] * 4 + ["angry"] * 4)


def softer(samples, sample_rate):
    return samples / 2


UNEQUAL = "a clip repeated gets two different copies, a clip of weight 2 one"


@parametrize_with_checks(
    [
        AugmentedClassifier(LogisticRegression(), Gain(1)),
        AugmentedClassifier(
            make_pipeline(LoadAudio(), LogisticRegression()), AddNoise(20), random_state=0
        ),
    ],
    expected_failed_checks=lambda classifier: (
        {"check_sample_weight_equivalence_on_dense_data": UNEQUAL}
        if isinstance(classifier.augment, AddNoise)
        else {}
    ),
)
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


def memoriser():
    return make_pipeline(MFCC(pooling=["mean", "std"]), StandardScaler(), KNeighborsClassifier(1))


@pytest.fixture
def unlearnable(rng):
    """Clips whose labels are drawn by lot: no classifier can be right but by chance."""
    clips = [Audio(rng.normal(size=2400) * rng.uniform(0, 1, 2400) ** e, SR)
             for e in rng.uniform(0, 4, size=200)]  # fmt: skip
    return as_items(clips), rng.permutation(np.arange(200) % 2)


def test_copies_made_before_a_split_leak(unlearnable):
    X, y = Compose([TimeShift(), Gain((-1, 1))], random_state=0).fit_resample(*unlearnable)
    scores = cross_val_score(memoriser(), X, y, cv=KFold(5, shuffle=True, random_state=0))
    assert scores.mean() > 0.85


def test_copies_made_in_fit_do_not_leak(unlearnable):
    augment = Compose([TimeShift(), Gain((-1, 1))])
    classifier = AugmentedClassifier(memoriser(), augment, n_copies=2, random_state=0)
    cv = KFold(5, shuffle=True, random_state=0)
    result = cross_validate(classifier, *unlearnable, cv=cv, return_train_score=True)
    assert result["train_score"].mean() == 1
    assert 0.4 < result["test_score"].mean() < 0.6


def test_fit_sees_the_clips_then_their_copies(clips, y):
    fitted = AugmentedClassifier(Recorder(), softer, n_copies=2).fit(clips, y).estimator_
    assert all(seen is clip for seen, clip in zip(fitted.X_, clips, strict=False))
    assert fitted.y_.tolist() == y.tolist() * 3
    for i, copy in enumerate(fitted.X_[N_CLIPS:]):
        assert copy.sr == SR
        np.testing.assert_array_equal(copy.y, clips[i % N_CLIPS].y.astype(np.float32) / 2)


def test_predict_sees_the_clips_alone(clips, y):
    fitted = AugmentedClassifier(Recorder(), softer, n_copies=3).fit(clips, y)
    assert fitted.predict(clips[:5]).shape == (5,)
    assert fitted.estimator_.n_predicted_ == 5


def test_without_copies_it_equals_its_estimator(clips, y):
    inner = make_pipeline(MFCC(5), LogisticRegression())
    augmented = AugmentedClassifier(inner, AddNoise(), n_copies=0).fit(clips, y)
    np.testing.assert_array_equal(
        augmented.predict_proba(clips), clone(inner).fit(clips, y).predict_proba(clips)
    )


def test_every_kind_of_clip_is_augmented(clips, y, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, clips[0].y / 4, 16000, subtype="FLOAT")
    X = [str(path), Segment(path, 0, 0.1), clips[0], clips[0].y]
    seen = AugmentedClassifier(Recorder(), softer).fit(X, [0, 1, 0, 1]).estimator_.X_
    assert [copy.sr for copy in seen[4:7]] == [16000, 16000, SR]
    assert isinstance(seen[7], np.ndarray)


@pytest.mark.parametrize("container", [list, tuple, pd.Series, np.stack, pd.DataFrame])
def test_kind_of_collection_does_not_matter(container, clips, y):
    rows = [clip.y for clip in clips]
    X = pd.DataFrame(np.stack(rows)) if container is pd.DataFrame else container(rows)
    classifier = AugmentedClassifier(
        make_pipeline(MFCC(5), LogisticRegression()), AddNoise(), random_state=0
    )
    expected = clone(classifier).fit(rows, y).decision_function(rows)
    np.testing.assert_allclose(classifier.fit(X, pd.Series(y)).decision_function(X), expected)


def test_rows_may_change_their_length(clips, y):
    X = np.stack([clip.y for clip in clips])
    inner = make_pipeline(RMS(), LogisticRegression())
    fitted = AugmentedClassifier(inner, TimeStretch(1.2)).fit(X, y)
    assert fitted.predict(X).shape == y.shape
    assert fitted.n_features_in_ == 3000


def test_arrays_are_taken_to_be_at_sr(clips, y):
    rates = []

    def augment(samples, sample_rate):
        rates.append(sample_rate)
        return samples

    X = [clips[0].y, Audio(clips[1].y, 8000)]
    AugmentedClassifier(Recorder(), augment, sr=16000).fit(X, [0, 1])
    assert rates == [16000, 8000]


def test_random_state_repeats_to_the_bit_in_any_process(clips, y):
    augment = Compose([AddNoise(), TimeStretch()])

    def copies(random_state, n_jobs=None):
        classifier = AugmentedClassifier(
            Recorder(), augment, n_copies=2, random_state=random_state, n_jobs=n_jobs
        )
        return [copy.y for copy in classifier.fit(clips, y).estimator_.X_[N_CLIPS:]]

    first = copies(3)
    for again in (copies(3), copies(3, n_jobs=2)):
        for one, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first[0][:100], copies(4)[0][:100])


def test_scores_of_workers_equal_those_of_one_process(clips, y):
    classifier = AugmentedClassifier(
        make_pipeline(MFCC(5), LogisticRegression()), AddNoise(), random_state=0
    )
    one, two = (
        cross_val_score(classifier, clips, y, cv=KFold(2, shuffle=True, random_state=0),
                        scoring="neg_log_loss", n_jobs=n)
        for n in (1, 2)
    )  # fmt: skip
    np.testing.assert_array_equal(one, two)


def test_searches_copies_augmenter_and_estimator(clips, y):
    classifier = AugmentedClassifier(
        make_pipeline(RMS(), LogisticRegression()),
        Compose([AddNoise(), Gain()]),
        random_state=0,
    )
    grid = {
        "n_copies": [0, 2],
        "augment__addnoise__snr": [5, (10, 20)],
        "augment__gain": [TimeShift()],
        "estimator__logisticregression__C": [0.1, 10],
    }
    search = GridSearchCV(classifier, grid, cv=KFold(2, shuffle=True, random_state=0))
    assert search.fit(clips, y).predict(clips).shape == y.shape
    assert set(search.best_params_) == set(grid)


def test_pickles_fitted(clips, y):
    fitted = AugmentedClassifier(make_pipeline(RMS(), LogisticRegression()), AddNoise())
    fitted.fit(clips, y)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(clips), fitted.predict_proba(clips))
    assert copy.classes_.tolist() == ["angry", "calm"]


def test_fit_leaves_its_parameters_alone(clips, y):
    inner, augment = LogisticRegression(), Gain()
    classifier = AugmentedClassifier(make_pipeline(RMS(), inner), augment).fit(clips, y)
    assert classifier.augment is augment
    assert not hasattr(inner, "coef_")


@pytest.mark.parametrize(
    ("inner", "has", "has_not"),
    [
        (LogisticRegression(), {"predict_proba", "predict_log_proba", "decision_function"}, set()),
        (LinearSVC(), {"decision_function"}, {"predict_proba", "predict_log_proba"}),
        (KNeighborsClassifier(1), {"predict_proba"}, {"decision_function", "predict_log_proba"}),
    ],
)
def test_has_the_methods_of_its_estimator(inner, has, has_not, clips, y):
    unfitted = AugmentedClassifier(make_pipeline(RMS(), inner), Gain())
    for classifier in (unfitted, clone(unfitted).fit(clips, y)):
        assert all(hasattr(classifier, method) for method in has)
        assert not any(hasattr(classifier, method) for method in has_not)
    for method in has:
        assert len(getattr(classifier, method)(clips)) == N_CLIPS


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: inner,
        lambda inner: make_pipeline("passthrough", inner),
        lambda inner: make_pipeline(make_pipeline("passthrough", inner)),
    ],
    ids=["alone", "pipeline", "pipeline in a pipeline"],
)
def test_weights_and_groups_are_repeated(wrap, clips, y):
    speakers = [f"speaker {i}" for i in range(N_CLIPS)]
    classifier = AugmentedClassifier(wrap(Recorder()), Gain(), n_copies=2)
    inner = classifier.fit(clips, y, sample_weight=range(N_CLIPS), groups=speakers).estimator_
    while not isinstance(inner, Recorder):
        inner = inner[-1]
    assert inner.sample_weight_.tolist() == list(range(N_CLIPS)) * 3
    assert inner.groups_.tolist() == speakers * 3


def test_without_groups_a_clip_and_its_copies_are_a_group(clips, y):
    inner = AugmentedClassifier(Recorder(), Gain(), n_copies=2).fit(clips, y).estimator_
    assert inner.groups_.tolist() == list(range(N_CLIPS)) * 3
    assert inner.sample_weight_ is None


def test_without_copies_there_are_no_groups_unless_given(clips, y):
    inner = AugmentedClassifier(Recorder(), Gain(), n_copies=0).fit(clips, y).estimator_
    assert inner.groups_ is None


def test_weights_change_the_fit(clips, y):
    classifier = AugmentedClassifier(make_pipeline(RMS(), LogisticRegression()), Gain(1))
    weighted = clone(classifier).fit(clips, y, sample_weight=[9] * 4 + [1] * 4)
    plain = classifier.fit(clips, y)
    assert (weighted.predict_proba(clips)[:, 1] > plain.predict_proba(clips)[:, 1]).all()


def test_groups_are_passed_over_by_an_estimator_without_them(clips, y):
    classifier = AugmentedClassifier(make_pipeline(RMS(), LogisticRegression()), Gain())
    assert classifier.fit(clips, y, groups=range(N_CLIPS)).predict(clips).shape == y.shape


def test_weights_are_refused_for_an_estimator_without_them(clips, y):
    classifier = AugmentedClassifier(make_pipeline(RMS(), KNeighborsClassifier(1)), Gain())
    with pytest.raises(ValueError, match="sample_weight was given, but Pipeline does not take"):
        classifier.fit(clips, y, sample_weight=np.ones(N_CLIPS))


def test_search_inside_keeps_copies_with_their_clip(clips, y):
    seen = []

    class Watched(GroupKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append(set(train % N_CLIPS) & set(test % N_CLIPS))
                yield train, test

    inner = make_pipeline(RMS(), LogisticRegression())
    search = GridSearchCV(
        inner, {"logisticregression__C": [1]}, cv=Watched(2, shuffle=True, random_state=0)
    )
    AugmentedClassifier(search, Gain(), n_copies=2).fit(clips, y)
    assert seen == [set(), set()]


def test_weights_and_groups_are_routed_where_routing_is_enabled(clips, y):
    with config_context(enable_metadata_routing=True):
        inner = Recorder().set_fit_request(sample_weight=True, groups=True)
        classifier = AugmentedClassifier(make_pipeline("passthrough", inner), Gain())
        result = cross_validate(
            classifier, clips, y, cv=KFold(2, shuffle=True, random_state=0), return_estimator=True,
            params={"sample_weight": np.arange(N_CLIPS), "groups": np.arange(N_CLIPS)},
        )  # fmt: skip
    for fitted in result["estimator"]:
        recorder = fitted.estimator_[-1]
        assert recorder.sample_weight_.tolist() == recorder.groups_.tolist()
        assert len(recorder.groups_) == N_CLIPS
        assert len(set(recorder.groups_)) == N_CLIPS // 2


def test_groups_are_made_where_routing_is_enabled_and_they_are_requested(clips, y):
    with config_context(enable_metadata_routing=True):
        asking = Recorder().set_fit_request(groups=True)
        fitted = AugmentedClassifier(asking, Gain()).fit(clips, y)
        assert fitted.estimator_.groups_.tolist() == list(range(N_CLIPS)) * 2
        fitted = AugmentedClassifier(Recorder(), Gain()).fit(clips, y)
        assert fitted.estimator_.groups_ is None


def test_other_meta_estimators_may_hold_it(clips, y):
    rows = np.stack([clip.y for clip in clips])
    inner = AugmentedClassifier(make_pipeline(RMS(), LogisticRegression()), Gain())
    bagging = BaggingClassifier(inner, n_estimators=2, random_state=0).fit(rows, y)
    assert bagging.predict(rows).shape == y.shape


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_copies": -1}, "'n_copies' parameter of AugmentedClassifier must be an int in"),
        ({"n_copies": 1.5}, "'n_copies' parameter of AugmentedClassifier must be an int in"),
        ({"augment": None}, "'augment' parameter of AugmentedClassifier must be a callable"),
        ({"augment": Gain}, r"Gain is a class, but an augmenter is expected\. Pass an instance"),
        ({"augment": Compose([Gain])}, "Gain is a class, but an augmenter is expected"),
        ({"augment": Gain(p=2)}, "'p' parameter of Gain must be"),
        ({"augment": Compose([Gain((6, -6))])}, "'gain' parameter of Gain must be"),
        ({"estimator": RMS()}, "'estimator' parameter of AugmentedClassifier must be an object"),
        ({"sr": 0}, "'sr' parameter of AugmentedClassifier must be"),
    ],
    ids=str,
)
def test_parameters_are_checked(parameters, message, clips, y):
    classifier = AugmentedClassifier(LogisticRegression(), Gain()).set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        classifier.fit(clips, y)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (np.array([np.nan]), "augment returned NaN"),
        (np.array([1]), "augment returned samples of dtype int64"),
        (np.array([1j]), "augment returned samples of dtype complex128"),
        (np.array([], dtype=float), "augment returned 0 samples"),
        (None, "augment returned NoneType"),
    ],
    ids=str,
)
def test_augmenter_that_returns_no_clip_is_named(output, message, clips, y):
    def augment(samples, sample_rate):
        return output

    with pytest.raises(
        AudioError, match=rf"X\[0\] Audio of shape \(3000,\) at 22050 Hz: {message}"
    ):
        AugmentedClassifier(Recorder(), augment).fit(clips, y)


def test_noise_folder_without_audio_is_refused(clips, y, tmp_path):
    classifier = AugmentedClassifier(Recorder(), AddNoise(noise=tmp_path))
    with pytest.raises(AudioError, match=r"X\[0\] .* is a folder without audio files"):
        classifier.fit(clips, y)


def test_clip_that_cannot_be_read_is_named(clips, y):
    with pytest.raises(AudioError, match=r"X\[1\] 'missing\.wav': no such file"):
        AugmentedClassifier(Recorder(), Gain()).fit([clips[0], "missing.wav"], [0, 1])


@pytest.mark.parametrize("groups", [[0], range(9)], ids=len)
def test_as_many_groups_as_clips_are_needed(groups, clips, y):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        AugmentedClassifier(Recorder(), Gain()).fit(clips, y, groups=groups)


def test_copies_that_differ_in_length_are_told_from_clips(y):
    clips = np.tile(np.linspace(-1, 1, 3000), (N_CLIPS, 1))
    classifier = AugmentedClassifier(make_pipeline(RMS(pooling=None), Recorder()), TimeStretch(0.5))
    with pytest.raises(AudioError, match=r"X\[8\] array of shape \(6000,\)") as caught:
        classifier.fit(clips, y)
    assert caught.value.__notes__ == ["From X[8] on, X[...] counts AugmentedClassifier's copies."]


@pytest.mark.parametrize(
    "inner",
    [CalibratedClassifierCV(LogisticRegression(), cv=2), MLPClassifier(early_stopping=True)],
    ids=["calibration", "early stopping"],
)
def test_an_estimator_that_splits_copies_from_their_clips_is_warned_of(inner, rng):
    X = rng.normal(size=(40, 400))
    classifier = AugmentedClassifier(make_pipeline(LoadAudio(), inner), Gain(1))
    with pytest.warns(AudioWarning, match=r"splits its training data, .* Put it around"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            classifier.fit(X, [0, 1] * 20)


class TestMemory:
    """The union's store keeps what comes again: the clips, not their copies."""

    @pytest.fixture
    def folder(self, tmp_path):
        return tmp_path / "store"

    @pytest.fixture
    def paths(self, clips, tmp_path):
        files = [str(tmp_path / f"{i}.wav") for i in range(N_CLIPS)]
        for file, clip in zip(files, clips, strict=True):
            soundfile.write(file, clip.y / 8, SR)
        return files

    def augmented(self, *steps, random_state=None):
        inner = make_pipeline(*steps, StandardScaler(), LogisticRegression())
        return AugmentedClassifier(inner, AddNoise(), n_copies=2, random_state=random_state)

    @pytest.fixture(params=["paths", "Audio", "arrays", "rows"])
    def X(self, request, paths, clips):
        arrays = [clip.y for clip in clips]
        return {"paths": paths, "Audio": clips, "arrays": arrays, "rows": np.stack(arrays)}[
            request.param
        ]

    def test_it_keeps_the_values_of_the_clips(self, X, y, folder):
        classifier = self.augmented(make_audio_union(RMS(), ZCR(), memory=folder)).fit(X, y)
        assert cache_info(folder)["n_values"] == 2 * N_CLIPS
        classifier.predict(X)
        assert cache_info(folder)["n_values"] == 2 * N_CLIPS

    @pytest.mark.parametrize("kind", ["Audio", "rows"])
    def test_so_it_does_from_other_processes(self, kind, clips, y, folder):
        X = clips if kind == "Audio" else np.stack([clip.y for clip in clips])
        union = make_audio_union(RMS(), memory=folder, n_jobs=2)
        self.augmented(union).set_params(n_jobs=2).fit(X, y)
        assert cache_info(folder)["n_values"] == N_CLIPS

    def test_so_it_does_behind_a_sound_transformer(self, X, y, folder):
        self.augmented(Normalize(), make_audio_union(RMS(), memory=folder)).fit(X, y)
        assert cache_info(folder)["n_values"] == N_CLIPS

    def test_so_it_does_with_segments_inside(self, X, y, folder):
        segments = SegmentClassifier(
            make_pipeline(make_audio_union(RMS(), memory=folder), LogisticRegression()),
            window=0.05,
            hop=0.05,
        )
        AugmentedClassifier(segments, Gain(), random_state=0).fit(X, y)
        n_pieces = len(segments.fit(X, y).predict_segments(X))
        assert cache_info(folder)["n_values"] == n_pieces

    def test_so_it_does_with_segments_around(self, X, y, folder):
        augmented = self.augmented(make_audio_union(RMS(), memory=folder), random_state=0)
        segments = SegmentClassifier(augmented, window=0.05, hop=0.05).fit(X, y)
        assert cache_info(folder)["n_values"] == len(segments.predict_segments(X))

    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_so_it_does_over_the_folds_of_a_search(self, n_jobs, X, y, folder):
        augmented = self.augmented(make_audio_union(RMS(), memory=folder), random_state=0)
        grid = {"estimator__logisticregression__C": [0.1, 10]}
        cv = KFold(2, shuffle=True, random_state=0)
        GridSearchCV(augmented, grid, cv=cv, n_jobs=n_jobs).fit(as_items(X), y)
        assert cache_info(folder)["n_values"] == N_CLIPS

    def test_values_are_those_without_a_store(self, X, y, folder):
        expected, kept, again = (
            self.augmented(make_audio_union(RMS(), memory=memory), random_state=0).fit(X, y)
            for memory in (None, folder, folder)
        )
        for fitted in (kept, again):
            np.testing.assert_array_equal(fitted.predict_proba(X), expected.predict_proba(X))
