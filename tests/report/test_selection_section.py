import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skser import SequentialGroupSelector, format_selection_table, incremental_grid, selection_table
from skser.report._selection import selection_section


@pytest.fixture
def pipeline(guessing, tmp_path):
    return guessing(memory=tmp_path).set_params(classify=LinearDiscriminantAnalysis())


@pytest.fixture
def search(pipeline, speech):
    grids = incremental_grid("features", ["zcr"], ["mfcc"], features__mfcc__n_mfcc=[2, 3])
    search = GridSearchCV(pipeline.set_params(features__rms="drop"), grids, cv=3)
    return search.fit(speech.data, speech.target)


def test_rows_are_those_of_the_formatted_table_and_name_the_parameters(search):
    section = selection_section(search)
    parameter = "features__mfcc__n_mfcc"
    # The search has no scoring, so the score is that of the classifier.
    assert section.score == "accuracy"
    assert section.columns == ["features", parameter, "accuracy", "gain", "p", "verdict"]
    assert [row[:2] for row in section.rows] == [["zcr", ""], ["+ mfcc", "2"], ["+ mfcc", "3"]]
    formatted = format_selection_table(selection_table(search)).data
    assert section.rows == formatted.to_numpy().tolist()


def test_of_several_scores_the_one_of_the_choice_is_shown(pipeline, speech):
    scoring = ["accuracy", "balanced_accuracy"]
    search = GridSearchCV(pipeline, {}, cv=2, scoring=scoring, refit="balanced_accuracy")
    section = selection_section(search.fit(speech.data, speech.target))
    assert section.score == "UAR"
    assert section.columns == ["features", "UAR", "gain", "p", "verdict"]


def test_chosen_are_the_members_that_were_kept(search, pipeline, speech):
    n_mfcc = search.best_params_["features__mfcc__n_mfcc"]
    assert selection_section(search).chosen == f"zcr + mfcc, features__mfcc__n_mfcc={n_mfcc}"
    selector = SequentialGroupSelector(pipeline.set_params(features__rms="drop"), cv=2, tol=0.1)
    section = selection_section(selector.fit(speech.data, speech.target))
    assert section.chosen == " + ".join(selector.groups_)
    assert "drop" not in section.chosen


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_set_that_could_not_be_fitted_has_dashes(pipeline, speech):
    pipeline.set_params(classify=make_pipeline(PCA(2), SVC()))
    search = GridSearchCV(pipeline, incremental_grid("features", ["rms"], ["zcr", "mfcc"]), cv=2)
    section = selection_section(search.fit(speech.data, speech.target))
    assert section.rows[0] == ["rms", *["\N{EN DASH}"] * 3, ""]
    assert section.rows[1][0] == "+ zcr"
    assert "<svg" in section.curve


def test_folds_that_are_listed_are_counted(pipeline, speech):
    folds = list(StratifiedKFold(3).split(speech.data, speech.target))
    search = GridSearchCV(pipeline, {}, cv=folds).fit(speech.data, speech.target)
    assert selection_section(search).cv == "list of 3 folds"
    assert selection_section(search.set_params(cv=StratifiedKFold(3))).cv.startswith("Stratified")
