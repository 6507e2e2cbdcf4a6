import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    RandomizedSearchCV,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC,
    MFCC2D,
    RMS,
    ZCR,
    AudioFeatureUnion,
    AudioWarning,
    Mel2D,
    SequentialGroupSelector,
    SpeakerNormalizer,
    cache_info,
    make_audio_union,
    make_emotional_speech,
    selection_table,
    with_speakers,
)


def columns(X, start, stop):
    return X[:, start:stop]


def refuse(X):
    raise ValueError("this member never works")


def member(start, stop):
    return FunctionTransformer(columns, kw_args={"start": start, "stop": stop})


def pipeline(**more):
    """A plain union: `good` tells the class, `weak` helps, the other members are noise."""
    members = {"noise": member(0, 3), "good": member(3, 4), "weak": member(4, 5)} | more
    return Pipeline(
        [("features", FeatureUnion([*members.items()])), ("classify", LinearDiscriminantAnalysis())]
    )


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = np.arange(240) % 2
    X = rng.normal(size=(240, 6))
    X[:, 3] += 1.5 * y
    X[:, 4] += 1.5 * y
    return X, np.array(["calm", "angry"])[y], np.repeat(np.arange(12), 20)


CV = GroupKFold(4)


def selector(pipe=None, **parameters):
    parameters = {"cv": CV} | parameters
    return SequentialGroupSelector(pipeline() if pipe is None else pipe, **parameters)


@pytest.fixture(scope="module")
def fitted(data):
    X, y, groups = data
    return selector().fit(X, y, groups=groups)


@parametrize_with_checks(
    [
        SequentialGroupSelector(
            Pipeline(
                [
                    (
                        "features",
                        AudioFeatureUnion([("a", StandardScaler()), ("b", MinMaxScaler())]),
                    ),
                    ("classify", LogisticRegression()),
                ]
            ),
            cv=2,
            error_score="raise",
        )
    ]
)
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


def test_members_that_help_are_chosen(fitted):
    assert fitted.groups_ == ("good", "weak")
    assert fitted.steps_["added"].tolist() == [("good",), ("weak",)]
    assert fitted.best_params_ == {"features__noise": "drop"}


def test_each_set_scores_what_cross_validation_scores(fitted, data):
    X, y, groups = data
    for params, mean in zip(
        fitted.cv_results_["params"], fitted.cv_results_["mean_test_score"], strict=True
    ):
        scores = cross_val_score(pipeline().set_params(**params), X, y, groups=groups, cv=CV)
        assert mean == pytest.approx(scores.mean())


def test_the_steps_are_the_selection_table(fitted):
    table = selection_table(fitted)
    assert table.equals(fitted.steps_)
    assert table["gain_score"][1] == pytest.approx(np.diff(table["mean_test_score"])[0])
    assert table["verdict_score"][0] == ""
    assert table["verdict_score"][1] in {"gain", "noise"}


def test_it_predicts_as_the_best_pipeline(fitted, data):
    X, y, _ = data
    best = pipeline().set_params(features__noise="drop").fit(X, y)
    np.testing.assert_array_equal(fitted.predict(X), best.predict(X))
    np.testing.assert_array_equal(fitted.predict_proba(X), best.predict_proba(X))
    assert fitted.classes_.tolist() == ["angry", "calm"]
    assert fitted.best_score_ == fitted.cv_results_["mean_test_score"][fitted.best_index_]


def test_methods_are_those_of_the_pipeline():
    assert hasattr(selector(), "predict_proba")
    assert not hasattr(selector(pipeline().set_params(classify=SVC())), "predict_proba")


def test_an_unfitted_selector_says_so(data):
    with pytest.raises(NotFittedError):
        selector().predict(data[0])
    with pytest.raises(NotFittedError):
        _ = selector().steps_


def test_a_fitted_selector_pickles(fitted, data):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict(data[0]), fitted.predict(data[0]))
    assert copy.steps_.equals(fitted.steps_)


def test_backward_removes_noise(data):
    X, y, groups = data
    found = selector(direction="backward", max_groups=2).fit(X, y, groups=groups)
    assert found.groups_ == ("good", "weak")
    assert found.steps_["removed"].tolist() == [(), ("noise",)]
    assert found.steps_["added"].tolist() == [("noise", "good", "weak"), ()]


def test_a_paired_test_tells_gains_from_noise(data):
    X, y, groups = data
    found = selector(tol="paired").fit(X, y, groups=groups)
    assert (found.steps_["verdict_score"][1:] == "gain").all()
    # More of the same: no gain in any fold.
    more = selector(pipeline(copy=member(3, 4)), tol="paired").fit(X, y, groups=groups)
    assert not {"good", "copy"} <= set(more.groups_)


@pytest.mark.parametrize(
    "cv",
    [
        StratifiedGroupKFold(4, shuffle=True),
        StratifiedGroupKFold(4, shuffle=True, random_state=np.random.RandomState(0)),
        GroupShuffleSplit(4),
    ],
)
def test_all_steps_are_scored_on_the_same_folds(data, cv):
    X, y, groups = data
    members = [("good", member(3, 4)), ("zero", member(6, 7)), ("null", member(7, 8))]
    pipe = Pipeline([("features", FeatureUnion(members)), ("classify", LogisticRegression())])
    X = np.hstack([X, np.zeros((240, 2))])
    found = selector(pipe, cv=cv).fit(X, y, groups=groups)
    assert found.groups_ == ("good",)
    scores = np.stack([found.cv_results_[f"split{i}_test_score"] for i in range(4)])
    with_good = ["features__good" not in params for params in found.cv_results_["params"]]
    assert np.ptp(scores[:, with_good], axis=1).tolist() == [0, 0, 0, 0]


def test_a_splitter_by_fractions_of_speakers_has_the_verdicts_of_its_folds(data):
    X, y, _ = data
    # One speaker has half of the clips.
    groups = np.maximum(np.arange(240) // 20 - 5, 0)
    cv = GroupShuffleSplit(4, test_size=0.4, random_state=0)
    of_splitter = selector(cv=cv).fit(X, y, groups=groups).steps_
    of_folds = selector(cv=list(cv.split(X, y, groups))).fit(X, y).steps_
    assert of_splitter.equals(of_folds)
    assert of_splitter["p_score"].notna().any()


def test_the_folds_of_an_iterator_are_those_of_a_list(fitted, data):
    X, y, groups = data
    found = selector(cv=CV.split(X, y, groups)).fit(X, y)
    assert found.cv_results_["mean_test_score"].tolist() == (
        fitted.cv_results_["mean_test_score"].tolist()
    )


@pytest.mark.slow
def test_several_processes_choose_the_same(fitted, data):
    X, y, groups = data
    found = selector(n_jobs=2).fit(X, y, groups=groups)
    assert found.steps_.equals(fitted.steps_)


def test_several_scores_need_a_name_to_choose_by(data):
    X, y, groups = data
    scoring = ["accuracy", "balanced_accuracy"]
    found = selector(scoring=scoring, refit="balanced_accuracy").fit(X, y, groups=groups)
    assert {"mean_test_accuracy", "verdict_balanced_accuracy"} <= set(found.steps_)


def two_scores(estimator, X, y):
    return {"accuracy": estimator.score(X, y), "recall": 1.0}


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("scoring", [["accuracy", "recall"], two_scores])
def test_several_scores_without_a_name_are_refused(data, scoring, refit):
    message = r"the scores \['accuracy', 'recall'\], and refit=(True|False) names none of them"
    with pytest.raises(ValueError, match=message):
        selector(cv=2, scoring=scoring, refit=refit).fit(*data[:2])


def test_a_splitter_by_speaker_needs_speakers(data):
    X, y, groups = data
    with pytest.raises(ValueError, match=r"params=\{'groups': groups\}"):
        selector().fit(X, y)
    outer = {"cv": GroupKFold(2), "groups": groups, "params": {"groups": groups}}
    assert len(cross_val_score(selector(cv=GroupKFold(2)), X, y, **outer)) == 2


def test_metadata_routing_can_rename_the_speakers(fitted, data):
    X, y, groups = data
    with sklearn.config_context(enable_metadata_routing=True):
        renamed = selector(cv=GroupKFold(4).set_split_request(groups="speakers"))
        found = renamed.fit(X, y, speakers=groups)
        with pytest.raises(ValueError, match=r"Call fit\(X, y, speakers=groups\)"):
            renamed.fit(X, y)
        with pytest.raises(ValueError, match="groups lacks the speaker"):
            renamed.fit(X, y, speakers=[None, *groups[1:]])
    assert found.steps_.equals(fitted.steps_)


@pytest.mark.parametrize("kind", [float, object, list])
@pytest.mark.parametrize("missing", [None, np.nan])
def test_each_clip_needs_a_speaker(data, kind, missing):
    X, y, speakers = data
    names = [missing, *speakers[1:].tolist()]
    groups = names if kind is list else np.array(names, dtype=kind)
    with pytest.raises(ValueError, match="groups lacks the speaker of 1 of 240 clips"):
        selector().fit(X, y, groups=groups)


def test_it_can_be_searched_and_cross_validated_itself(data):
    X, y, _ = data
    outer = GridSearchCV(selector(cv=2), {"max_groups": [1, 2]}, cv=2).fit(X, y)
    assert len(outer.best_estimator_.groups_) == outer.best_params_["max_groups"]


def test_the_given_pipeline_stays_as_it_was(data):
    X, y, groups = data
    pipe = pipeline()
    selector(pipe).fit(X, y, groups=groups)
    assert [m for _, m in pipe["features"].transformer_list if isinstance(m, str)] == []


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_member_that_fails_is_never_chosen(data):
    X, y, groups = data
    pipe = pipeline(broken=FunctionTransformer(refuse))
    with pytest.warns(FitFailedWarning, match="this member never works"):
        found = selector(pipe).fit(X, y, groups=groups)
    assert found.groups_ == ("good", "weak")
    failed = ["features__broken" not in params for params in found.cv_results_["params"]]
    assert np.isnan(found.cv_results_["mean_test_score"][failed]).all()
    with pytest.raises(ValueError, match="this member never works"):
        selector(pipe, error_score="raise").fit(X, y, groups=groups)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_what_was_found_is_kept_where_a_whole_step_fails(data):
    X, y, groups = data
    members = [("good", member(3, 4)), ("broken", FunctionTransformer(refuse))]
    pipe = Pipeline([("features", FeatureUnion(members)), ("classify", SVC())])
    with pytest.warns(FitFailedWarning, match="Step 1 of the selection could not fit any set"):
        found = selector(pipe).fit(X, y, groups=groups)
    assert found.groups_ == ("good",)
    assert found.predict(X).shape == (240,)


def picky(y, predicted):
    if accuracy_score(y, predicted) < 0.65:
        raise ValueError("this score is refused")
    return accuracy_score(y, predicted)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_scorer_that_fails_on_one_set_leaves_the_others(data):
    X, y, groups = data
    with pytest.warns(UserWarning, match="this score is refused"):
        found = selector(scoring=make_scorer(picky)).fit(X, y, groups=groups)
    assert found.groups_[0] == "good"


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_no_score_at_all_is_an_error(data):
    X, y, groups = data
    with pytest.raises(ValueError, match="No set of members could be scored"):
        selector(scoring=make_scorer(refuse_score)).fit(X, y, groups=groups)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_backward_needs_a_score_of_all_members(data):
    X, y, groups = data
    backward = selector(direction="backward", scoring=make_scorer(refuse_score))
    with pytest.raises(ValueError, match="'backward' begins with them"):
        backward.fit(X, y, groups=groups)


def refuse_score(y, predicted):
    raise ValueError("no")


@pytest.mark.parametrize(
    ("pipe", "union", "message"),
    [
        (make_pipeline(RMS(), SVC()), "features", "has no union of features"),
        (pipeline(), "feature", r"union='feature' is not a step.*Its unions are \['features'\]"),
        (pipeline(), "classify", "union='classify' is not a union and holds none"),
        (Pipeline([("features", make_audio_union(RMS())), ("c", SVC())]), "features", "one member"),
        (
            pipeline().set_params(features__good="drop", features__weak="drop"),
            "features",
            r"has one member, \['noise'\]",
        ),
    ],
)
def test_what_cannot_be_selected_from_is_refused(data, pipe, union, message):
    X, y, _ = data
    with pytest.raises(ValueError, match=message):
        SequentialGroupSelector(pipe, union).fit(X, y)


def test_a_paired_test_needs_folds_of_known_size(data):
    X, y, _ = data
    folds = ShuffleSplit(3, test_size=12, random_state=0)
    with pytest.raises(ValueError, match="tol='paired' compares scores over folds of known size"):
        selector(cv=folds.split(X, y), tol="paired").fit(X, y)
    assert selector(cv=folds, tol="paired").fit(X, y).groups_
    with pytest.raises(ValueError, match="over several folds, and cv makes one"):
        selector(cv=list(folds.split(X, y))[:1], tol="paired").fit(X, y)


@pytest.mark.parametrize("parameters", [{"tol": -1}, {"max_groups": 0}, {"direction": "up"}])
def test_parameters_are_checked(data, parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        selector(**parameters).fit(*data[:2])


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(4, 1, emotions=["angry", "sad"], sr=8000, random_state=0)


def test_a_union_inside_a_normalizer_is_found(speech):
    union = make_audio_union(ZCR(), RMS(), sr=8000)
    pipe = Pipeline([("features", SpeakerNormalizer(union)), ("classify", SVC())])
    X = with_speakers(speech.data, speech.groups)
    found = SequentialGroupSelector(pipe, cv=StratifiedGroupKFold(2), max_groups=1)
    found.fit(X, speech.target, groups=speech.groups)
    assert found.union_ == "features__extractor"
    assert len(found.groups_) == 1


def flatten(X):
    return X.reshape(len(X), -1)


def test_images_are_selected_as_vectors_are(speech):
    union = AudioFeatureUnion(
        [("mel", Mel2D(8)), ("mfcc", MFCC2D(8))], sr=8000, duration=0.5, hop_length=1024
    )
    pipe = Pipeline(
        [("features", union), ("flat", FunctionTransformer(flatten)), ("classify", SVC())]
    )
    found = SequentialGroupSelector(pipe, cv=StratifiedKFold(2))
    assert set(found.fit(speech.data, speech.target).groups_) <= {"mel", "mfcc"}


def test_each_clip_is_computed_once_where_there_is_a_store(speech, reads, tmp_path):
    union = make_audio_union(ZCR(), RMS(), sr=8000, memory=tmp_path)
    pipe = Pipeline([("features", union), ("classify", SVC())])
    found = SequentialGroupSelector(pipe, cv=StratifiedKFold(2))
    found.fit(speech.data, speech.target)
    assert cache_info(tmp_path)["n_values"] == 2 * len(speech.data)
    # The fits analyse their first clip besides.
    n_fits = 2 * len(found.cv_results_["params"]) + 1
    assert len(reads) == len(speech.data) + n_fits


@pytest.mark.parametrize("broken", [MFCC(500), MFCC(13, n_fft=-1)])
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_a_member_that_fails_has_the_same_effect_with_a_store(speech, tmp_path, broken):
    def select(memory, **how):
        union = make_audio_union(ZCR(), RMS(), broken, sr=8000, memory=memory)
        pipe = Pipeline([("features", union), ("classify", SVC())])
        found = SequentialGroupSelector(pipe, cv=StratifiedKFold(2), tol=None, **how)
        return found.fit(speech.data, speech.target)

    found, plain = select(tmp_path), select(None)
    assert found.groups_ == plain.groups_
    for name, scores in plain.cv_results_.items():
        if name.endswith("test_score"):
            np.testing.assert_array_equal(found.cv_results_[name], scores)
    assert cache_info(tmp_path)["n_values"] == 2 * len(speech.data)
    with pytest.raises(ValueError, match=r"n_mfcc|n_fft"):
        select(tmp_path, error_score="raise")


def test_candidates_that_are_not_known_are_left_to_the_search(speech, tmp_path):
    union = make_audio_union(ZCR(), RMS(), sr=8000, memory=tmp_path)
    pipe = Pipeline([("features", union), ("classify", SVC())])
    inner = RandomizedSearchCV(pipe, {"classify__C": [1, 2, 3]}, n_iter=1, cv=2)
    found = SequentialGroupSelector(inner, "estimator__features", cv=2, max_groups=1)
    with pytest.warns(AudioWarning, match="Not all values could be computed in advance"):
        found.fit(speech.data, speech.target)
    assert len(found.groups_) == 1


def test_clone_and_parameters_round_trip():
    copy = clone(selector(direction="floating", tol="paired"))
    assert copy.get_params()["direction"] == "floating"
    assert copy.get_params()["tol"] == "paired"
