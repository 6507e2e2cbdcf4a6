import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Chroma,
    corrected_t_test,
    format_selection_table,
    incremental_grid,
    make_audio_union,
    make_emotional_speech,
    selection_table,
)


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_speakers=4, n_per_class=2, sr=8000, random_state=0)


def pipeline():
    features = make_audio_union(ZCR(), RMS(), MFCC(8), Chroma(), sr=8000)
    return Pipeline(
        [
            ("features", features),
            ("scale", StandardScaler()),
            ("reduce", "passthrough"),
            ("classify", SVC()),
        ]
    )


def search_for(speech, grids, **kwargs):
    search = GridSearchCV(pipeline(), grids, cv=StratifiedGroupKFold(2), **kwargs)
    return search.fit(speech.data, speech.target, groups=speech.groups)


@pytest.fixture(scope="module")
def search(speech):
    grids = incremental_grid("features", ["zcr", "rms"], ["mfcc", "chroma"])
    return search_for(speech, grids, scoring="balanced_accuracy")


def test_each_step_adds_one_feature(search):
    table = selection_table(search)
    assert table["step"].tolist() == [0, 1, 2]
    assert table["features"].tolist() == [
        ("zcr", "rms"),
        ("zcr", "rms", "mfcc"),
        ("zcr", "rms", "mfcc", "chroma"),
    ]
    assert table["added"].tolist() == [("zcr", "rms"), ("mfcc",), ("chroma",)]


def test_scores_are_those_of_the_search(search):
    table = selection_table(search)
    np.testing.assert_array_equal(table["mean_test_score"], search.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(table["std_test_score"], search.cv_results_["std_test_score"])


def test_the_gain_is_over_the_step_before(search):
    table = selection_table(search)
    assert np.isnan(table["gain_score"][0])
    np.testing.assert_allclose(table["gain_score"][1:], np.diff(table["mean_test_score"]))


def test_a_gain_is_tested_over_the_folds(search):
    table = selection_table(search)
    folds = np.array([search.cv_results_[f"split{i}_test_score"] for i in range(2)])
    expected = corrected_t_test(folds[:, 2], folds[:, 1], test_train_ratio=1)
    assert table["p_score"][2] == pytest.approx(expected.pvalue)
    assert table["verdict_score"][2] == "noise"


def test_the_first_step_and_the_same_gain_in_every_fold_have_no_verdict(search):
    table = selection_table(search)
    folds = np.array([search.cv_results_[f"split{i}_test_score"] for i in range(2)])
    assert np.ptp(folds[:, 1] - folds[:, 0]) == pytest.approx(0)
    assert table["gain_score"][1] > 0
    assert np.isnan(table["p_score"][:2]).all()
    assert table["verdict_score"].tolist()[:2] == ["", ""]


@pytest.fixture(scope="module")
def wide_search(speech):
    grids = incremental_grid(
        "features",
        ["zcr", "rms"],
        ["mfcc", "chroma"],
        features__mfcc__n_mfcc=[4, 8],
        reduce=[LinearDiscriminantAnalysis(), PCA(2), "passthrough"],
    )
    return search_for(speech, grids, scoring=["accuracy", "f1_macro"], refit="f1_macro")


def test_further_parameters_have_columns(wide_search):
    table = selection_table(wide_search)
    assert len(table) == 3 + 6 + 6
    n_mfcc = table["features__mfcc__n_mfcc"]
    assert n_mfcc[:3].isna().all()
    assert n_mfcc[3:].tolist() == [4, 4, 4, 8, 8, 8] * 2
    assert {type(value) for value in table["reduce"]} == {LinearDiscriminantAnalysis, PCA, str}


def test_of_several_candidates_the_gain_is_over_the_best_of_the_step_before(wide_search):
    table = selection_table(wide_search)
    best = table.groupby("step")["mean_test_accuracy"].max()
    second = table[table["step"] == 2]
    np.testing.assert_allclose(second["gain_accuracy"], second["mean_test_accuracy"] - best[1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_candidate_that_could_not_be_fitted_does_not_hide_the_gain(speech):
    reduce = [PCA(3), "passthrough"]
    grids = incremental_grid("features", ["zcr", "rms"], ["mfcc", "chroma"], reduce=reduce)
    table = selection_table(search_for(speech, grids))
    assert table["mean_test_score"].isna().tolist() == [True] + [False] * 5
    assert table["gain_score"].isna().tolist() == [True, True] + [False] * 4


def test_every_score_has_its_columns(wide_search):
    columns = selection_table(wide_search).columns
    for score in ("accuracy", "f1_macro"):
        assert {f"mean_test_{score}", f"std_test_{score}", f"gain_{score}"} <= set(columns)


def test_the_union_is_found_where_nothing_was_dropped(speech):
    table = selection_table(search_for(speech, {"classify__C": [1, 10]}))
    assert table["features"].tolist() == [("zcr", "rms", "mfcc", "chroma")] * 2
    assert table["classify__C"].tolist() == [1, 10]


def test_a_feature_dropped_for_good_is_not_counted(speech):
    grids = incremental_grid("features", ["zcr"], ["mfcc"])
    pipe = pipeline().set_params(features__chroma="drop", features__rms="drop")
    search = GridSearchCV(pipe, grids, cv=2).fit(speech.data, speech.target)
    assert selection_table(search)["features"].tolist() == [("zcr",), ("zcr", "mfcc")]


def test_a_feature_that_the_grid_turns_on_is_counted(speech):
    pipe = pipeline().set_params(features__chroma="drop", features__mfcc="drop")
    grid = {"features__chroma": ["drop", Chroma()]}
    search = GridSearchCV(pipe, grid, cv=2).fit(speech.data, speech.target)
    table = selection_table(search)
    assert table["features"].tolist() == [("zcr", "rms"), ("zcr", "rms", "chroma")]
    assert table["added"].tolist() == [("zcr", "rms"), ("chroma",)]
    assert search.estimator.get_params()["features__chroma"] == "drop"


def test_variants_of_a_member_have_a_column(speech):
    few, many = MFCC(4), MFCC(8)
    grid = [{"features__mfcc": [few, many]}, {"features__mfcc": ["drop"]}]
    table = selection_table(search_for(speech, grid))
    assert table["step"].tolist() == [0, 0, 1]
    assert table["features__mfcc"].tolist() == [few, many, "drop"]
    own = [{"features__mfcc": [few]}, {"features__chroma": ["drop"]}]
    assert "features__mfcc" in selection_table(search_for(speech, own))


def test_a_union_that_is_itself_searched_has_its_column_and_members(speech):
    unions = [make_audio_union(ZCR(), sr=8000), make_audio_union(RMS(), ZCR(), sr=8000)]
    table = selection_table(search_for(speech, {"features": unions}))
    assert table["param_features"].tolist() == unions
    assert table["features"].tolist() == [("zcr",), ("rms", "zcr")]
    assert table["added"].tolist() == [("zcr",), ("rms",)]
    means = table["mean_test_score"]
    np.testing.assert_allclose(table["gain_score"], [np.nan, means[1] - means[0]])


def test_the_order_of_members_makes_no_other_set(speech):
    unions = [make_audio_union(ZCR(), RMS(), sr=8000), make_audio_union(RMS(), ZCR(), sr=8000)]
    table = selection_table(search_for(speech, {"features": unions}))
    assert table["step"].tolist() == [0, 0]


@pytest.mark.parametrize("nested", [False, True])
def test_a_union_that_only_the_grid_has_is_found(speech, nested):
    union = make_audio_union(ZCR(), RMS(), sr=8000)
    grid = {"features": [FeatureUnion([("all", union)]) if nested else union]}
    pipe = pipeline().set_params(features="passthrough")
    member = "all__rms" if nested else "rms"
    grids = [grid | {f"features__{member}": ["drop"]}, grid]
    search = GridSearchCV(pipe, grids, cv=2).fit(speech.data, speech.target)
    assert selection_table(search)["features"].tolist() == [("zcr",), ("zcr", "rms")]


def test_a_list_of_members_may_be_searched(speech):
    lists = [[("zcr", ZCR())], [("zcr", ZCR()), ("mfcc", MFCC(8))]]
    search = search_for(speech, {"features__transformer_list": lists})
    assert selection_table(search)["features"].tolist() == [("zcr",), ("zcr", "mfcc")]


def test_a_candidate_without_a_union_is_refused(speech):
    search = search_for(speech, {"features": [make_audio_union(ZCR(), sr=8000), MFCC(8, sr=8000)]})
    with pytest.raises(ValueError, match=r"step='features' is not .* of the search's .* but MFCC"):
        selection_table(search)


def test_a_set_may_swap_and_remove_members(speech):
    sets = [("zcr", "rms", "mfcc"), ("zcr", "chroma", "mfcc"), ("mfcc",)]
    names = ["zcr", "rms", "mfcc", "chroma"]
    grids = [{f"features__{n}": ["drop"] for n in names if n not in kept} for kept in sets]
    table = selection_table(search_for(speech, grids))
    assert table.columns[:4].tolist() == ["step", "features", "added", "removed"]
    assert table["added"].tolist() == [("zcr", "rms", "mfcc"), ("chroma",), ()]
    assert table["removed"].tolist() == [(), ("rms",), ("zcr", "chroma")]
    cells = format_selection_table(table).data
    assert cells["features"].tolist() == [
        "zcr + rms + mfcc",
        "+ chroma \N{MINUS SIGN} rms",
        "\N{MINUS SIGN} zcr \N{MINUS SIGN} chroma",
    ]


def test_where_nothing_is_removed_there_is_no_such_column(search):
    assert "removed" not in selection_table(search)


def test_an_unfitted_search_is_refused():
    with pytest.raises(NotFittedError):
        selection_table(GridSearchCV(pipeline(), {}))


def test_a_step_that_is_no_union_is_refused(search):
    with pytest.raises(ValueError, match="step='scale' is not an AudioFeatureUnion"):
        selection_table(search, step="scale")


def test_two_unions_ask_for_the_step(speech):
    union = FeatureUnion([("one", make_audio_union(ZCR())), ("two", make_audio_union(RMS()))])
    pipe = Pipeline([("features", union), ("classify", SVC())])
    search = GridSearchCV(pipe, {"classify__C": [1]}, cv=2).fit(speech.data, speech.target)
    with pytest.raises(ValueError, match="pass step"):
        selection_table(search)
    assert selection_table(search, step="features__one")["features"].tolist() == [("zcr",)]
