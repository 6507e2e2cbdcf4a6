import pickle
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC2D,
    RMS,
    ZCR,
    AddNoise,
    Audio,
    AudioFeatureUnion,
    AugmentedClassifier,
    Mel2D,
    Normalize,
    SegmentClassifier,
    SequentialGroupSelector,
    SpeakerNormalizer,
    as_items,
    group_importance,
    incremental_grid,
    make_audio_union,
    make_emotional_speech,
    make_recognizer,
    uar_scorer,
    with_speakers,
)
from skser.metrics._counted import Counted, clips_to_send
from skser.metrics._group_importance import _recorded


class Columns(TransformerMixin, BaseEstimator):
    """Some of the numbers that a test puts into each row."""

    def __init__(self, places, names=True):
        self.places = places
        self.names = names

    def fit(self, X, y=None):
        self.n_features_in_ = 0
        return self

    def transform(self, X):
        return np.asarray(X)[:, self.places]

    def get_feature_names_out(self, input_features=None):
        if not self.names:
            raise AttributeError
        return np.array([f"column{place}" for place in self.places], dtype=object)


class Flattened(FunctionTransformer):
    def __init__(self):
        super().__init__(lambda images: images.reshape(len(images), -1))


def _union(**members):
    return AudioFeatureUnion([(name, Columns(places)) for name, places in members.items()])


@pytest.fixture(scope="module")
def table():
    """Rows that hold the label, the speaker's usual label, and noise; 40 clips of 8 speakers."""
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(8), 5)
    usual = speakers % 2
    y = np.where(np.tile([True, True, True, True, False], 8), usual, 1 - usual)
    X = np.column_stack([y, usual, rng.normal(size=(40, 3))]).astype(float)
    return X, y, speakers


@pytest.fixture(scope="module")
def model(table):
    """A classifier of the table that has learnt its label and its speakers."""
    X, y, _ = table
    union = _union(label=[0], usual=[1], noise=[2, 3])
    steps = [("features", union), ("scale", StandardScaler()), ("classify", LogisticRegression())]
    return Pipeline(steps).fit(X, y)


@pytest.fixture(scope="module")
def speech():
    """Beginnings of clips that carry their speaker, and their labels."""
    speech = make_emotional_speech(4, 2, emotions=["angry", "sad"], random_state=0)
    clips = [Audio(clip.y[: clip.sr // 2], clip.sr) for clip in speech.data]
    return with_speakers(clips, speech.groups), speech.target


@pytest.fixture(scope="module")
def images():
    """Clips of noise, half of them with a tone of 3 kHz: the label is in few rows."""
    rng, t = np.random.default_rng(0), np.arange(4000) / 16000
    y = np.tile(["noise", "tone"], 10)
    tone = np.sin(2 * np.pi * 3000 * t)
    clips = [
        Audio((label == "tone") * tone + rng.normal(scale=0.1, size=4000), 16000) for label in y
    ]
    return clips, y


def _fitted(features, X, y, *steps):
    return make_pipeline(features, *steps, StandardScaler(), LogisticRegression()).fit(X, y)


class TestKnownAnswers:
    def test_the_member_that_carries_the_label_is_worth_all_and_noise_nothing(self, table):
        X, y, _ = table
        classify = LogisticRegression(C=100)
        model = make_pipeline(_union(label=[0], noise=[2, 3, 4]), classify).fit(X, y)
        result = group_importance(model, X, y, n_repeats=50, random_state=0)
        assert result.baseline_score == 1
        # Half of the clips get a value of the other class.
        expected = 2 * y.mean() * (1 - y.mean())
        assert result.importances_mean == pytest.approx([expected, 0], abs=0.03)
        assert result.table.index.tolist() == ["label", "noise"]
        assert result.table["size"].tolist() == [1, 3]
        assert "drop of the score from 1.000, mean of 50 repeats\n" in repr(result)
        assert "<th>noise</th>" in result._repr_html_()

    def test_within_speakers_what_tells_only_the_speaker_is_worth_nothing(self, table):
        X, y, speakers = table
        model = make_pipeline(_union(usual=[1], noise=[2]), LogisticRegression(C=100)).fit(X, y)
        across = group_importance(model, X, y, random_state=0)
        within = group_importance(model, X, y, groups=speakers, within="speaker", random_state=0)
        assert across.baseline_score == within.baseline_score == 0.8
        assert across.importances_mean[0] > 0.2
        assert (within.importances[0] == 0).all()

    def test_within_speakers_what_tells_the_label_keeps_its_worth(self, table):
        X, y, speakers = table
        model = make_pipeline(_union(label=[0], usual=[1]), LogisticRegression(C=100)).fit(X, y)
        result = group_importance(
            model, X, y, groups=speakers, within="speaker", n_repeats=50, random_state=0
        )
        # One clip of five differs; it keeps its value in one exchange of five.
        assert result.importances_mean == pytest.approx([2 / 5 * 4 / 5, 0], abs=0.02)

    def test_columns_of_a_member_stay_together(self, table):
        X, y, _ = table
        # The sum of both columns is the label, each alone is noise.
        X = np.column_stack([X[:, :3], y - X[:, 2], X[:, 4]])
        model = make_pipeline(_union(both=[2, 3], noise=[4]), LogisticRegression(C=1e4)).fit(X, y)
        result = group_importance(model, X, y, n_repeats=20, random_state=0)
        assert result.importances_mean[0] == pytest.approx(2 * y.mean() * (1 - y.mean()), abs=0.05)

    def test_a_member_of_one_column_is_worth_what_scikit_learn_says(self, table):
        X, y, _ = table
        single = _fitted(_union(a=[1], b=[2], c=[3]), X, y)
        given = {"n_repeats": 4, "random_state": 0, "scoring": "neg_log_loss"}
        theirs = permutation_importance(single[1:], single[0].transform(X), y, **given)
        ours = group_importance(single, X, y, **given)
        assert (ours.importances == theirs.importances).all()
        assert (ours.importances_mean == theirs.importances_mean).all()
        assert (ours.importances_std == theirs.importances_std).all()

    @pytest.mark.parametrize("output", ["default", "pandas"])
    def test_a_step_that_works_in_place_changes_nothing(self, table, output):
        X, y, _ = table
        # Far from 0 and 1, so that values standardised twice would be others.
        X = 50 + 10 * X

        def importances(copy):
            # While a member of one pipeline is permuted, the values of the other must last.
            pipelines = [
                make_pipeline(union.set_output(transform=output), StandardScaler(copy=copy), SVC())
                for union in (_union(label=[0], noise=[2]), _union(usual=[1], noise=[3]))
            ]
            vote = VotingClassifier([*zip("ab", pipelines, strict=True)]).fit(X, y)
            return group_importance(vote, X, y, n_repeats=3, random_state=0).importances

        assert (importances(copy=False) == importances(copy=True)).all()


class TestContract:
    def test_each_clip_is_read_once(self, speech, reads):
        X, y = speech
        model = _fitted(make_audio_union(ZCR(), RMS()), X, y)
        reads.clear()
        group_importance(model, X, y, n_repeats=3, scoring=["accuracy", "neg_log_loss"])
        assert sorted(place for place, _ in reads) == list(range(len(X)))

    def test_it_leaves_the_model_as_it_was(self, model, table):
        X, y, _ = table
        before = pickle.dumps(model)
        group_importance(model, X, y, n_repeats=2)
        assert pickle.dumps(model) == before

    def test_the_seed_repeats_it_and_workers_change_nothing(self, model, table):
        X, y, _ = table
        with parallel_config(backend="threading"):
            first, again, shared = (
                group_importance(model, X, y, n_repeats=3, random_state=1, n_jobs=n_jobs)
                for n_jobs in (None, None, 2)
            )
        assert (first.importances == again.importances).all()
        assert (first.importances == shared.importances).all()

    @pytest.mark.slow
    def test_processes_change_nothing(self, model, table):
        X, y, _ = table
        one, two = (
            group_importance(model, X, y, n_repeats=3, random_state=1, n_jobs=n_jobs)
            for n_jobs in (1, 2)
        )
        assert (one.importances == two.importances).all()

    def test_workers_get_no_clips_that_are_only_counted(self, model, table):
        X, y, _ = table
        recorded = _recorded(model, X, y, uar_scorer, 8)[1]
        baseline = uar_scorer(model, X, y)
        assert isinstance(clips_to_send(recorded, X, y, uar_scorer, baseline), Counted)

    @pytest.mark.parametrize("reads", [lambda X: X[0], list, lambda X: X.shape])
    def test_workers_get_clips_that_are_read(self, model, table, reads):
        X, y, _ = table
        recorded = _recorded(model, X, y, uar_scorer, 8)[1]

        def score(estimator, X, y):
            # A scorer may also go on without what it looked for.
            with suppress(TypeError):
                reads(X)
            return uar_scorer(estimator, X, y)

        assert clips_to_send(recorded, X, y, score, score(model, X, y)) is X

    def test_several_scores_have_a_result_each(self, model, table):
        X, y, _ = table
        scoring = {"uar": uar_scorer, "loss": "neg_log_loss"}
        result = group_importance(model, X, y, scoring=scoring, n_repeats=2, random_state=0)
        single = group_importance(model, X, y, scoring=uar_scorer, n_repeats=2, random_state=0)
        assert list(result) == ["uar", "loss"]
        assert (result.uar.importances == single.importances).all()
        assert result.loss.score_name == "loss"
        assert single.score_name == "uar"

    def test_the_table_is_sorted_by_importance(self, model, table):
        result = group_importance(model, *table[:2], n_repeats=2, random_state=0)
        assert result.names.tolist() == ["label", "usual", "noise"]
        assert result.table["importance"].is_monotonic_decreasing
        assert result.table.loc[result.names, "std"].tolist() == result.importances_std.tolist()

    def test_model_and_result_can_be_pickled(self, model, table):
        X, y, _ = table
        copy = pickle.loads(pickle.dumps(model))
        result = group_importance(copy, X, y, n_repeats=2, random_state=0)
        same = group_importance(model, X, y, n_repeats=2, random_state=0)
        assert pickle.loads(pickle.dumps(result)).table.equals(same.table)

    def test_a_single_member_has_the_worth_of_all(self, table):
        X, y, _ = table
        model = _fitted(_union(all=[0, 1, 2]), X, y)
        result = group_importance(model, X, y, n_repeats=30, random_state=0)
        assert result.names.tolist() == ["all"]
        assert result.importances_mean[0] == pytest.approx(0.5, abs=0.05)


class TestWhereTheUnionIs:
    def test_steps_before_and_after_the_union(self, speech):
        X, y = speech
        union = make_audio_union(ZCR(), RMS())
        inner = make_pipeline(Normalize(), union, StandardScaler())
        model = make_pipeline(inner, PCA(2), LogisticRegression()).fit(X, y)
        given = {"n_repeats": 3, "random_state": 0, "scoring": "neg_log_loss"}
        flat = Pipeline([*inner.steps[1:], *model.steps[1:]])
        expected = group_importance(flat, Normalize().fit_transform(X), y, **given)
        assert (group_importance(model, X, y, **given).importances == expected.importances).all()

    def test_the_best_of_a_search_and_of_a_selector(self, model, table):
        X, y, _ = table
        grids = incremental_grid("features", keep=["usual"], add=["label", "noise"])
        search = GridSearchCV(model, grids, cv=2, scoring=uar_scorer).fit(X, y)
        selector = SequentialGroupSelector(model, cv=2, max_groups=1).fit(X, y)
        given = {"n_repeats": 2, "random_state": 0}
        result = group_importance(search, X, y, **given)
        best = group_importance(search.best_estimator_, X, y, scoring=uar_scorer, **given)
        assert (result.importances == best.importances).all()
        assert result.score_name == "uar"
        assert group_importance(selector, X, y, **given).names.tolist() == ["label"]

    @pytest.mark.parametrize(
        "scoring",
        [
            {"accuracy": "accuracy", "mine": uar_scorer},
            lambda model, X, y: {"accuracy": 0.0, "mine": uar_scorer(model, X, y)},
        ],
    )
    def test_of_several_scores_the_one_of_the_choice_is_named(self, model, table, scoring):
        X, y, _ = table
        search = GridSearchCV(model, {}, cv=2, scoring=scoring, refit="mine").fit(X, y)
        result = group_importance(search, X, y, n_repeats=2, random_state=0)
        assert result.score_name == "mine"
        assert "drop of the mine from 1.000" in repr(result)

    def test_values_behind_a_speaker_normalizer_are_permuted_standardised(self, speech):
        X, y = speech
        model = _fitted(SpeakerNormalizer(make_audio_union(ZCR(), RMS())), X, y)
        given = {"n_repeats": 3, "random_state": 0, "scoring": "neg_log_loss"}
        theirs = permutation_importance(model[1:], model[0].transform(X), y, **given)
        assert (group_importance(model, X, y, **given).importances == theirs.importances).all()

    def test_clips_that_carry_their_speaker_need_no_groups(self, speech):
        X, y = speech
        model = _fitted(make_audio_union(ZCR(), RMS()), X, y)
        given = {"within": "speaker", "n_repeats": 3, "random_state": 0}
        carried = group_importance(model, X, y, **given).importances
        speakers = [clip.speaker for clip in X]
        assert (
            carried == group_importance(model, X, y, groups=speakers, **given).importances
        ).all()

    def test_a_union_whose_values_a_normalizer_mixes(self, speech):
        X, y = speech
        extractor = make_pipeline(make_audio_union(ZCR(), RMS()), PCA(2))
        model = _fitted(SpeakerNormalizer(extractor), X, y)
        assert group_importance(model, X, y, n_repeats=2).names.tolist() == ["zcr", "rms"]

    @pytest.mark.parametrize(
        "hold",
        [
            lambda model: CalibratedClassifierCV(model, cv=2),
            lambda model: VotingClassifier([("a", model), ("b", model)], voting="soft"),
            lambda model: StackingClassifier([("a", model)], LogisticRegression(), cv=2),
        ],
    )
    def test_classifiers_that_hold_a_pipeline(self, model, table, hold):
        X, y, _ = table
        result = group_importance(hold(model).fit(X, y), X, y, random_state=0)
        assert result.names.tolist() == ["label", "usual", "noise"]
        assert result.importances_mean[0] > 0.2

    def test_a_classifier_that_augments(self, speech):
        X, y = speech
        model = make_pipeline(make_audio_union(ZCR(), RMS()), StandardScaler(), SVC())
        augmented = AugmentedClassifier(model, AddNoise(random_state=0), n_copies=1).fit(X, y)
        given = {"n_repeats": 3, "random_state": 0}
        inner = group_importance(augmented.estimator_, X, y, **given)
        assert (group_importance(augmented, X, y, **given).importances == inner.importances).all()

    def test_one_column_of_a_table_holds_the_clips(self, speech):
        X, y = speech
        frame = pd.DataFrame({"clip": X, "number": np.arange(len(X), dtype=float)})
        columns = [("features", make_audio_union(ZCR(), RMS()), "clip"), ("n", "drop", ["number"])]
        model = _fitted(ColumnTransformer(columns), frame, y)
        assert group_importance(model, frame, y, n_repeats=2).names.tolist() == ["zcr", "rms"]

    def test_a_plain_feature_union(self, table):
        X, y, _ = table
        given = {"n_repeats": 2, "random_state": 0}
        plain, ours = (
            group_importance(_fitted(union, X, y), X, y, **given).table
            for union in (
                FeatureUnion([("label", Columns([0])), ("noise", Columns([2, 3]))]),
                _union(label=[0], noise=[2, 3]),
            )
        )
        assert plain.equals(ours)

    def test_steps_that_need_a_data_frame_get_one(self, table):
        X, y, _ = table
        union = _union(label=[0], noise=[2]).set_output(transform="pandas")
        chosen = ColumnTransformer([("chosen", "passthrough", ["label__column0"])])
        result = group_importance(_fitted(union, X, y, chosen), X, y, random_state=0)
        assert result.importances_mean[0] > 0.2
        assert result.importances_mean[1] == 0

    @pytest.mark.slow
    def test_the_ready_made_recognizers(self, speech):
        X, y = speech
        members = make_recognizer("fast", embedding=False)["features"].transformer_list
        vectors = [name for name, _ in members]
        for kind in ("fast", "best"):
            model = make_recognizer(kind, embedding=False, speaker_normalization=True)
            if kind == "best":
                model.set_params(network__classify__epochs=1)
            result = group_importance(model.fit(X, y), X, y, n_repeats=1, within="speaker")
            bands = [f"mel2d[{i}:{i + 8}]" for i in range(0, 64, 8)]
            assert result.names.tolist() == vectors + (bands if kind == "best" else [])

    def test_a_member_without_names_has_the_columns_that_are_left(self, table):
        X, y, _ = table
        members = [("label", Columns([0])), ("noise", Columns([2, 3], names=False))]
        model = _fitted(AudioFeatureUnion(members), X, y)
        assert group_importance(model, X, y).table.loc["noise", "size"] == 2


class TestImages:
    @pytest.mark.parametrize("wrap", [lambda image: image, make_audio_union, SpeakerNormalizer])
    def test_the_band_that_has_the_tone_is_worth_most(self, images, wrap):
        X, y = images
        features = wrap(Mel2D(32, to_db=False, sr=16000, n_fft=512))
        X = with_speakers(X, np.repeat(["a", "b"], 10))
        model = _fitted(features, X, y, Flattened())
        result = group_importance(
            model, X, y, n_bands=4, scoring="neg_log_loss", n_repeats=3, random_state=0
        )
        assert result.names.tolist() == [f"mel2d[{i}:{i + 8}]" for i in (0, 8, 16, 24)]
        assert result.table.index[0] == "mel2d[16:24]"
        assert result.table["size"].tolist() == [8] * 4

    def test_each_member_of_a_union_of_images_has_its_bands(self, images):
        X, y = images
        union = make_audio_union(Mel2D(12), MFCC2D(12), sr=16000)
        model = make_pipeline(union, Flattened(), LogisticRegression()).fit(X, y)
        result = group_importance(model, X, y, n_bands=1, n_repeats=2)
        assert result.names.tolist() == ["mel2d[0:12]", "mfcc2d[0:12]"]

    def test_images_may_differ_in_length(self, images):
        X, y = images
        X = [Audio(clip.y[: 4000 - 1000 * (i % 3)], 16000) for i, clip in enumerate(X)]
        pooled = FunctionTransformer(lambda images: np.stack([im.mean(axis=1) for im in images]))
        model = make_pipeline(Mel2D(16, sr=16000), pooled, LogisticRegression()).fit(X, y)
        result = group_importance(model, X, y, n_bands=2, n_repeats=5, random_state=0)
        assert result.table["importance"].iloc[0] > 0.2

    def test_more_bands_than_rows_are_refused(self, images):
        X, y = images
        model = make_pipeline(Mel2D(4), Flattened(), LogisticRegression()).fit(X, y)
        with pytest.raises(ValueError, match="n_bands=5 is more than the 4 rows"):
            group_importance(model, X, y, n_bands=5)


class TestErrors:
    def test_a_model_that_is_not_fitted(self, speech):
        model = make_pipeline(make_audio_union(ZCR()), LogisticRegression())
        with pytest.raises(NotFittedError):
            group_importance(model, *speech)

    def test_a_pipeline_without_a_union(self, speech):
        model = _fitted(ZCR(), *speech)
        with pytest.raises(ValueError, match="Pipeline contains no fitted union of features"):
            group_importance(model, *speech)

    def test_what_cuts_clips_before_the_union(self, speech):
        model = make_pipeline(make_audio_union(ZCR()), LogisticRegression())
        segments = SegmentClassifier(model, window=0.2, hop=0.1).fit(*speech)
        with pytest.raises(ValueError, match="SegmentClassifier, cuts clips"):
            group_importance(segments, *speech)

    def test_one_clip_a_speaker(self, model, table):
        X, y, _ = table
        with pytest.raises(ValueError, match="No speaker has two clips"):
            group_importance(model, X, y, groups=np.arange(len(X)), within="speaker")

    def test_groups_without_effect(self, model, table):
        X, y, speakers = table
        with pytest.raises(ValueError, match="Pass within='speaker', or groups=None"):
            group_importance(model, X, y, groups=speakers)

    @pytest.mark.parametrize("n_missing", [1, None])
    def test_groups_that_lack_a_speaker(self, model, table, n_missing):
        X, y, speakers = table
        n_missing = len(X) if n_missing is None else n_missing
        groups = [None] * n_missing + [*speakers[n_missing:]]
        message = f"of {n_missing} of {len(X)} clips, .* pass within=None and groups=None"
        with pytest.raises(ValueError, match=message):
            group_importance(model, X, y, groups=groups, within="speaker")

    @pytest.mark.parametrize("within", [None, "speaker"])
    def test_no_clip_at_all(self, model, table, within):
        with pytest.raises(ValueError, match="X contains no clips"):
            group_importance(model, table[0][:0], table[1][:0], groups=[], within=within)

    def test_a_single_clip(self, model, table):
        with pytest.raises(ValueError, match="There is only one clip"):
            group_importance(model, table[0][:1], table[1][:1])

    def test_speakers_that_are_not_known(self, model, table, speech):
        advice = "Pass groups, or clips that carry their speaker"
        with pytest.raises(ValueError, match=advice):
            group_importance(model, *table[:2], within="speaker")
        X, y = speech
        union = _fitted(make_audio_union(ZCR()), X, y)
        clips = as_items([Audio(*clip[:2]) for clip in X])
        with pytest.raises(ValueError, match=advice):
            group_importance(union, clips, y, within="speaker")

    def test_one_speaker(self, model, table):
        X, y, _ = table
        with pytest.raises(ValueError, match="All clips are of one speaker"):
            group_importance(model, X, y, groups=["one"] * len(X), within="speaker")

    def test_groups_of_the_wrong_length(self, model, table):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            group_importance(model, *table[:2], groups=["a", "b"], within="speaker")

    def test_labels_of_the_wrong_length(self, model, table):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            group_importance(model, table[0], table[1][:-1])

    def test_an_unknown_score(self, model, table):
        with pytest.raises(ValueError, match="scoring"):
            group_importance(model, *table[:2], scoring="loudness")

    @pytest.mark.parametrize(
        "bad", [{"n_repeats": 0}, {"within": "corpus"}, {"n_bands": 0}, {"random_state": "x"}]
    )
    def test_parameters_that_make_no_sense(self, model, table, bad):
        (name,) = bad
        with pytest.raises(ValueError, match=f"The '{name}' parameter of group_importance"):
            group_importance(model, *table[:2], **bad)

    def test_members_whose_columns_are_not_known(self, table):
        X, y, _ = table
        members = [(name, Columns([place], names=False)) for place, name in enumerate("ab")]
        model = _fitted(AudioFeatureUnion(members), X, y)
        with pytest.raises(ValueError, match=r"cannot be assigned to its members \['a', 'b'\]"):
            group_importance(model, X, y)
