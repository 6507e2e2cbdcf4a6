import pickle
import subprocess
import sys

import numpy as np
import pytest
import sklearn
import soundfile
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import MFCC, RMS, Audio, AudioError, Segment, SegmentClassifier, as_items
from skser.compose._segment_classifier import cut_times

SR = 8000


class Stack(TransformerMixin, BaseEstimator):
    """A class, not a function: the names of tests must not hold an address."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack(list(X))

    def __sklearn_is_fitted__(self):
        return True


@parametrize_with_checks(
    [
        SegmentClassifier(
            # Rows become the rows they were, so that what is checked is the cutting and voting.
            make_pipeline(Stack(), LogisticRegression(tol=1e-10)),
            vote=vote,
            short="keep",
        )
        for vote in ("mean", "majority", "max")
    ]
)
def test_it_keeps_the_contract_of_an_estimator(estimator, check):
    check(estimator)


class Recorder(DummyClassifier):
    """Remembers what its fit was given."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = {"X": list(X), "y": y, "sample_weight": sample_weight, "groups": groups}
        return super().fit(X, y, sample_weight)


class Scripted(DummyClassifier):
    """Gives each piece the probability of "b" that its first sample is."""

    def predict_proba(self, X):
        p = np.array([float(piece[0]) for piece in X])
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def pieces_of(clip, **parameters):
    """Return what the estimator is fitted on where a clip is given (twice, for two classes)."""
    classifier = SegmentClassifier(Recorder(), sr=SR, **parameters).fit([clip, clip], ["a", "b"])
    seen = classifier.estimator_.seen_["X"]
    return seen[: len(seen) // 2]


def scripted(vote, *probabilities):
    """Return a fitted classifier, and a clip whose pieces get these probabilities of "b"."""
    classifier = SegmentClassifier(Scripted(), window=1, hop=1, vote=vote, sr=1)
    return classifier.fit(np.zeros((2, 2)), ["a", "b"]), np.array(probabilities)


@pytest.fixture
def clips(rng):
    """Ten clips of 0.5 to 0.95 s, half of them tones and half noise."""
    lengths = SR // 2 + 400 * np.arange(10)
    tones = [np.sin(2 * np.pi * 440 * np.arange(n) / SR) for n in lengths[::2]]
    return tones + [rng.normal(scale=0.5, size=n) for n in lengths[1::2]]


@pytest.fixture
def kinds():
    return np.repeat(["tone", "noise"], 5)


@pytest.fixture
def segments():
    """Return a classifier of tones and noise by pieces of 0.25 s."""
    pipeline = make_pipeline(MFCC(5, sr=SR), StandardScaler(), LogisticRegression())
    return SegmentClassifier(pipeline, window=0.25, hop=0.1, sr=SR)


@pytest.fixture
def path(tmp_path, rng):
    path = tmp_path / "clip.wav"
    soundfile.write(path, rng.normal(scale=0.1, size=3 * SR), SR)
    return str(path)


class TestCutting:
    @pytest.mark.parametrize(
        ("duration", "times"),
        [
            (4.0, [(0, 2), (1, 3), (2, 4)]),
            (2.0, [(0, 2)]),
            (3.5, [(0, 2), (1, 3), (1.5, 3.5)]),
            (0.5, [(0, 0.5)]),
            (4.0005, [(0, 2), (1, 3), (2, 4)]),
        ],
        ids=["whole", "one", "last ends with the clip", "short", "a rest of nothing"],
    )
    def test_pieces_are_as_long_as_the_window_and_cover_the_clip(self, duration, times):
        assert cut_times(duration, window=2.0, hop=1.0).tolist() == [list(t) for t in times]

    def test_steps_that_binary_fractions_only_approximate_make_no_piece_too_many(self):
        assert len(cut_times(1.0, window=0.1, hop=0.1)) == 10

    def test_a_hop_beyond_the_window_leaves_gaps(self):
        assert cut_times(5.0, window=1.0, hop=2.0).tolist() == [[0, 1], [2, 3], [4, 5]]

    def test_a_path_becomes_segments(self, path):
        assert pieces_of(path) == [Segment(path, 0.0, 2.0), Segment(path, 1.0, 3.0)]

    def test_a_segment_is_cut_within_itself(self, path):
        part = Segment(path, 0.5, 2.5)
        assert pieces_of(part, window=1) == [Segment(path, 0.5, 1.5), Segment(path, 1.5, 2.5)]

    def test_samples_are_not_copied(self):
        y = np.zeros(3 * SR)
        assert all(np.shares_memory(piece, y) for piece in pieces_of(y))
        assert all(np.shares_memory(piece.y, y) for piece in pieces_of(Audio(y, SR)))

    def test_channels_are_cut_alike(self):
        pieces = pieces_of(Audio(np.zeros((2, 3 * SR)), SR))
        assert [piece.y.shape for piece in pieces] == [(2, 2 * SR)] * 2

    def test_an_array_is_taken_to_be_at_sr(self):
        assert [len(piece) for piece in pieces_of(np.zeros(3 * SR))] == [2 * SR] * 2

    def test_rows_are_clips(self):
        rows = np.arange(12.0).reshape(2, 6)
        classifier = SegmentClassifier(Recorder(), window=4, hop=2, sr=1).fit(rows, ["a", "b"])
        seen = classifier.estimator_.seen_["X"]
        assert [piece.tolist() for piece in seen[:2]] == [[0, 1, 2, 3], [2, 3, 4, 5]]
        assert classifier.n_features_in_ == 6

    @pytest.mark.parametrize("window", [0.25, 0.3337])
    def test_a_file_and_its_samples_give_the_same_prediction(self, segments, path, window):
        y, sr = soundfile.read(path, dtype="float32")
        segments = clone(segments).set_params(window=window)
        segments.fit([path, np.zeros(SR)], ["a", "b"])
        as_file, as_audio = segments.predict_proba([path]), segments.predict_proba([Audio(y, sr)])
        np.testing.assert_array_equal(as_file, as_audio)


class TestShortClips:
    def test_a_clip_shorter_than_the_window_is_named(self, segments, clips, kinds):
        segments.set_params(window=0.6)
        with pytest.raises(
            AudioError, match=r"X\[0\] array.*lasts 0.5 s.*window=0.6.*short='keep'"
        ):
            segments.fit(clips, kinds)

    def test_so_is_one_in_predict(self, segments, clips, kinds, path):
        segments.fit(clips, kinds)
        with pytest.raises(
            AudioError, match=r"X\[1\].*clip.wav' from 0 to 0.1 s: the clip lasts 0.1 s"
        ):
            segments.predict([path, Segment(path, 0, 0.1)])

    def test_on_request_it_is_one_piece(self, segments, clips, kinds):
        segments.set_params(short="keep", window=0.6).fit(clips, kinds)
        assert segments.predict_segments(clips).groupby("clip").size().loc[[0, 9]].tolist() == [
            1,
            5,
        ]
        assert segments.predict_segments(clips)["end"].iloc[0] == 0.5

    def test_a_millisecond_is_no_error(self):
        assert [len(piece) for piece in pieces_of(np.zeros(2 * SR - 1))] == [2 * SR - 1]


class TestVotes:
    @pytest.mark.parametrize(
        ("vote", "label", "share"),
        [
            ("mean", "b", (0.4 + 0.45 + 0.95) / 3),
            ("majority", "a", 1 / 3),
            ("max", "b", 0.95 / (0.6 + 0.95)),
        ],
    )
    def test_pieces_decide(self, vote, label, share):
        classifier, clip = scripted(vote, 0.4, 0.45, 0.95)
        assert classifier.predict([clip]).tolist() == [label]
        assert classifier.predict_proba([clip])[0] == pytest.approx([1 - share, share])

    def test_of_equal_votes_the_first_class_wins(self):
        classifier, clip = scripted("majority", 0.9, 0.1)
        assert classifier.predict([clip]).tolist() == ["a"]

    def test_each_clip_has_the_votes_of_its_own_pieces(self):
        classifier, _ = scripted("mean")
        probabilities = classifier.predict_proba([np.array([0.25, 0.75, 0.5]), np.array([1.0])])
        assert probabilities[:, 1].tolist() == [0.5, 1.0]

    def test_many_pieces_are_predicted_in_batches(self, rng):
        classifier, _ = scripted("mean")
        long = rng.random(1000)
        assert classifier.predict_proba([long])[0, 1] == pytest.approx(long.mean())

    def test_labels_of_any_type_come_back(self, segments, clips):
        labels = segments.fit(clips, [3] * 5 + [7] * 5).predict(clips)
        assert set(labels) == {3, 7}

    def test_a_vote_of_probabilities_needs_them(self, clips, kinds):
        classifier = SegmentClassifier(make_pipeline(RMS(), SVC()), window=0.2)
        with pytest.raises(ValueError, match=r"vote='mean' needs probabilities.*vote='majority'"):
            classifier.fit(clips, kinds)
        assert not hasattr(classifier, "predict_proba")

    def test_a_majority_does_not(self, segments, clips, kinds):
        segments.set_params(estimator__logisticregression=SVC(), vote="majority")
        assert segments.fit(clips, kinds).score(clips, kinds) == 1
        assert segments.predict_proba(clips).sum(axis=1) == pytest.approx(1)


class TestTimeline:
    def test_the_size_of_a_batch_decides_last_digits_at_most(self, segments, clips, kinds):
        segments.fit(clips, kinds)
        shares = [
            segments.predict_segments(clips, batch_size=size)[["p_noise", "p_tone"]]
            for size in (1, 3, 128)
        ]
        np.testing.assert_allclose(shares[0], shares[1], atol=1e-5)
        np.testing.assert_allclose(shares[0], shares[2], atol=1e-5)
        with pytest.raises(ValueError, match="batch_size=0, but it must be at least 1"):
            segments.predict_segments(clips, batch_size=0)

    def test_it_has_a_row_a_piece(self, segments, clips, kinds):
        timeline = segments.fit(clips, kinds).predict_segments(clips[:2])
        assert timeline.columns.tolist() == ["clip", "start", "end", "label", "p_noise", "p_tone"]
        assert timeline["clip"].tolist() == [0] * 4 + [1] * 5
        assert timeline["start"][:4].tolist() == pytest.approx([0, 0.1, 0.2, 0.25])
        assert (timeline["end"] - timeline["start"]).to_numpy() == pytest.approx(0.25)

    def test_probabilities_are_those_voted_on(self, segments, clips, kinds):
        segments.fit(clips, kinds)
        mean = segments.predict_segments(clips).groupby("clip")[["p_noise", "p_tone"]].mean()
        np.testing.assert_allclose(mean, segments.predict_proba(clips))

    def test_times_of_a_segment_are_those_of_its_file(self, segments, clips, kinds, path):
        timeline = segments.fit(clips, kinds).predict_segments([Segment(path, 2.0, 2.5)])
        assert timeline["start"].tolist() == pytest.approx([2.0, 2.1, 2.2, 2.25])

    def test_it_does_without_probabilities(self, segments, clips, kinds):
        segments.set_params(estimator__logisticregression=SVC(), vote="majority")
        timeline = segments.fit(clips, kinds).predict_segments(clips)
        assert timeline.columns.tolist() == ["clip", "start", "end", "label"]

    def test_it_needs_a_fitted_classifier(self, segments, clips):
        with pytest.raises(NotFittedError):
            segments.predict_segments(clips)


class TestMetadata:
    def fit(self, estimator=None, **params):
        classifier = SegmentClassifier(estimator or Recorder(), window=1, hop=1, sr=1)
        classifier.fit([np.zeros(3), np.zeros(1)], ["a", "b"], **params)
        return classifier.estimator_

    def test_labels_are_repeated(self):
        assert self.fit().seen_["y"].tolist() == ["a", "a", "a", "b"]

    def test_a_clip_counts_once_however_long_it_is(self):
        weight = self.fit().seen_["sample_weight"]
        assert weight == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])

    def test_weights_are_shared_out(self):
        weight = self.fit(sample_weight=[3, 1]).seen_["sample_weight"]
        assert weight == pytest.approx(np.array([1, 1, 1, 1]) * 10 / 4)

    def test_weights_of_clips_that_are_equally_long_stay_as_they_are(self):
        classifier = SegmentClassifier(Recorder(), window=1, hop=1, sr=1)
        classifier.fit(np.zeros((2, 3)), ["a", "b"], sample_weight=[3, 1])
        assert classifier.estimator_.seen_["sample_weight"].tolist() == [3] * 3 + [1] * 3

    def test_a_clip_is_a_group(self):
        assert self.fit().seen_["groups"].tolist() == [0, 0, 0, 1]

    def test_groups_are_repeated(self):
        assert self.fit(groups=["x", "y"]).seen_["groups"].tolist() == ["x", "x", "x", "y"]

    def test_the_last_step_of_a_pipeline_gets_them(self):
        pipeline = make_pipeline(make_pipeline(RMS(sr=1), Recorder()))
        seen = self.fit(pipeline, groups=["x", "y"])[-1][-1].seen_
        assert seen["sample_weight"] == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
        assert seen["groups"].tolist() == ["x", "x", "x", "y"]

    def test_weights_that_nothing_takes_are_refused(self):
        pipeline = make_pipeline(RMS(sr=1), KNeighborsClassifier(1))
        with pytest.raises(ValueError, match="fit of Pipeline does not take it"):
            self.fit(pipeline, sample_weight=[1, 1])

    def test_an_estimator_within_the_estimator_need_not_take_any(self):
        neighbours = make_pipeline(RMS(sr=1), KNeighborsClassifier(1))
        self.fit(SegmentClassifier(neighbours, window=1, hop=1, sr=1))

    def test_a_search_in_it_keeps_pieces_of_a_clip_together(self):
        pipeline = make_pipeline(RMS(sr=1), KNeighborsClassifier(1))
        search = GridSearchCV(pipeline, {"rms__deltas": [0]}, cv=GroupKFold(2))
        classifier = SegmentClassifier(search, window=1, hop=1, sr=1)
        classifier.fit(np.tile([1.0, 0.0], (4, 4)), ["a", "b"] * 2)
        assert classifier.estimator_.n_splits_ == 2

    def test_negative_weights_are_refused(self):
        with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
            self.fit(sample_weight=[-1, 1])

    def test_they_are_routed(self):
        with sklearn.config_context(enable_metadata_routing=True):
            recorder = Recorder().set_fit_request(sample_weight=True, groups=False)
            seen = self.fit(make_pipeline(RMS(sr=1), recorder), sample_weight=[3, 1])[-1].seen_
        assert seen["sample_weight"] == pytest.approx(np.array([1, 1, 1, 1]) * 10 / 4)
        assert seen["groups"] is None

    def test_routed_weights_that_nothing_requests_are_refused(self):
        with (
            sklearn.config_context(enable_metadata_routing=True),
            pytest.raises(ValueError, match="fit of LogisticRegression does not take or requ"),
        ):
            classifier = SegmentClassifier(LogisticRegression(), window=1, hop=1, sr=1)
            classifier.fit([np.zeros(3), np.zeros(1)], ["a", "b"], sample_weight=[1, 1])

    def test_they_come_through_a_search(self, segments, clips, kinds):
        with sklearn.config_context(enable_metadata_routing=True):
            segments.estimator[-2].set_fit_request(sample_weight=False)
            segments.estimator[-1].set_fit_request(sample_weight=True)
            search = GridSearchCV(segments, {"hop": [0.1, 0.2]}, cv=2)
            assert search.fit(clips, kinds, sample_weight=np.ones(10)).best_score_ == 1


def test_it_searches_over_clips(segments, clips, kinds):
    grid = {"window": [0.2, 0.3], "vote": ["mean", "max"], "estimator__mfcc__n_mfcc": [3, 5]}
    search = GridSearchCV(segments, grid, cv=StratifiedGroupKFold(2), error_score="raise")
    search.fit(as_items(clips), kinds, groups=[1, 2, 3, 4, 5] * 2)
    assert search.best_score_ == 1


def test_it_pickles(segments, clips, kinds):
    segments.fit(clips, kinds)
    loaded = pickle.loads(pickle.dumps(segments))
    np.testing.assert_array_equal(loaded.predict_proba(clips), segments.predict_proba(clips))


def test_a_piece_that_cannot_be_read_is_named_with_its_times(segments, clips, kinds, tmp_path):
    segments.fit(clips, kinds)
    y = np.zeros(2 * SR, dtype=np.float32)
    y[-1] = np.nan
    soundfile.write(tmp_path / "broken.wav", y, SR, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"broken.wav' from [\d.]+ to 2.0 s.*NaN") as caught:
        segments.predict([tmp_path / "broken.wav"])
    assert "counts the pieces that SegmentClassifier cut" in caught.value.__notes__[0]


def test_a_segment_outside_its_file_is_named_before_it_is_cut(segments, clips, kinds, path):
    segments.fit(clips, kinds)
    with pytest.raises(AudioError, match=r"X\[0\] '.*' from 2.0 to 9.0 s.*ends after the file"):
        segments.predict([Segment(path, 2.0, 9.0)])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"window": 0}, "'window' parameter"),
        ({"hop": -1}, "'hop' parameter"),
        ({"vote": "median"}, "'vote' parameter"),
        ({"short": "pad"}, "'short' parameter"),
    ],
)
def test_a_parameter_out_of_range_is_refused(segments, clips, kinds, parameters, message):
    with pytest.raises(ValueError, match=message):
        segments.set_params(**parameters).fit(clips, kinds)


@pytest.mark.parametrize(("start", "end"), [(0, np.inf), (np.nan, 1), (2, 1), (-1, 1)])
def test_a_segment_without_a_part_is_refused(segments, clips, kinds, path, start, end):
    with pytest.raises(AudioError, match=r"X\[0\].*must satisfy 0 <= start < end"):
        segments.fit([Segment(path, start, end), *clips[1:]], kinds)


def test_samples_that_cannot_be_used_are_named_by_their_clip(segments, clips, kinds):
    clips[4] = np.full(SR, np.nan)
    with pytest.raises(AudioError, match=r"X\[4\] array.*contain NaN"):
        segments.fit(clips, kinds)


@pytest.fixture(scope="module")
def voices():
    """Forty clips, each a voice of its own with a random label."""
    rng = np.random.default_rng(0)
    time = np.arange(SR) / SR
    pitches = np.geomspace(100, 3500, 40)
    clips = [np.sin(2 * np.pi * p * time) + rng.normal(scale=0.02, size=SR) for p in pitches]
    return as_items(clips), rng.permutation(np.repeat(["a", "b"], 20))


class TestNoLeak:
    """A model that knows voices by heart, on clips where nothing else can be learnt."""

    memory = make_pipeline(MFCC(20, sr=SR), StandardScaler(), KNeighborsClassifier(1))
    segments = SegmentClassifier(memory, window=0.25, hop=0.25, sr=SR)
    splits = StratifiedKFold(5, shuffle=True, random_state=0)

    def test_pieces_cut_before_the_split_are_recognised_again(self, voices):
        clips, labels = voices
        pieces = as_items([piece for clip in clips for piece in np.split(clip, 4)])
        scores = cross_val_score(self.memory, pieces, np.repeat(labels, 4), cv=self.splits)
        assert scores.mean() > 0.95

    def test_pieces_cut_in_fit_are_at_chance(self, voices):
        clips, labels = voices
        assert cross_val_score(self.segments, clips, labels, cv=self.splits).mean() < 0.65

    def test_though_clips_that_it_was_trained_on_are_known(self, voices):
        clips, labels = voices
        assert clone(self.segments).fit(clips, labels).score(clips, labels) == 1


@pytest.mark.slow
def test_a_file_of_an_hour_takes_no_more_memory_than_one_of_a_minute(tmp_path):
    pytest.importorskip("resource")
    minute = np.random.default_rng(0).normal(scale=0.1, size=60 * 16000).astype(np.float32)
    for name, n_minutes in {"minute": 1, "hour": 60}.items():
        with soundfile.SoundFile(tmp_path / f"{name}.wav", "w", 16000, 1) as file:
            for _ in range(n_minutes):
                file.write(minute)
    peaks = {name: peak_memory(tmp_path / f"{name}.wav") for name in ("minute", "hour")}
    hour_in_memory = 3600 * 16000 * 4 / 2**20
    assert peaks["hour"] - peaks["minute"] < 0.1 * hour_in_memory


def peak_memory(path):
    """Return the peak memory in MiB of a process that predicts a file."""
    code = (
        "import resource, sys, numpy as np\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from skser import MFCC, SegmentClassifier\n"
        "pipeline = make_pipeline(MFCC(13, sr=16000), LogisticRegression())\n"
        "X = np.random.default_rng(0).normal(scale=0.1, size=(4, 64000))\n"
        "segments = SegmentClassifier(pipeline, sr=16000).fit(X, [0, 0, 1, 1])\n"
        f"segments.predict([{str(path)!r}])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)
