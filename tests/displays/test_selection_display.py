import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skser import (
    RMS,
    ZCR,
    SelectionDisplay,
    SequentialGroupSelector,
    incremental_grid,
    make_audio_union,
    uar_scorer,
)

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def search():
    X = np.random.default_rng(0).normal(size=(8, 4000))
    pipe = Pipeline([("features", make_audio_union(ZCR(), RMS())), ("classify", SVC())])
    grids = incremental_grid("features", ["zcr"], ["rms"], classify__C=[1, 10])
    scoring = ["accuracy", "f1_macro"]
    return GridSearchCV(pipe, grids, cv=2, scoring=scoring, refit="f1_macro").fit(X, [0, 1] * 4)


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "step": [0, 0, 1],
            "added": [("zcr", "rms"), ("zcr", "rms"), ("mfcc",)],
            "mean_test_score": [0.3, 0.35, 0.4],
            "std_test_score": [0.01, 0.02, 0.03],
        }
    )


def test_the_curve_goes_through_the_best_of_each_step(table):
    display = SelectionDisplay(table).plot()
    line, _, _ = display.errorbar_
    assert line.get_ydata().tolist() == [0.35, 0.4]


@pytest.mark.parametrize("failed", [[0], [1], [0, 1]])
def test_a_step_that_could_not_be_fitted_is_a_gap_with_its_label(table, failed):
    table.loc[table["step"].isin(failed), ["mean_test_score", "std_test_score"]] = np.nan
    display = SelectionDisplay(table).plot()
    line, _, _ = display.errorbar_
    display.figure_.canvas.draw()
    assert np.flatnonzero(pd.isna(line.get_ydata())).tolist() == failed
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["zcr + rms", "+ mfcc"]


def test_features_added_are_named_below_the_curve(table):
    display = SelectionDisplay(table).plot()
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["zcr + rms", "+ mfcc"]


def test_it_draws_into_given_axes(table):
    _, ax = matplotlib.pyplot.subplots()
    assert SelectionDisplay(table).plot(ax).ax_ is ax


def test_keywords_reach_the_curve(table):
    line, _, _ = SelectionDisplay(table).plot(color="red").errorbar_
    assert line.get_color() == "red"


def test_of_several_scores_the_one_refitted_for_is_drawn(search):
    assert SelectionDisplay.from_search(search).score == "f1_macro"
    assert SelectionDisplay.from_search(search, score="accuracy").plot().ax_.get_ylabel() == (
        "accuracy"
    )


def test_the_axis_names_what_was_measured(search):
    single = GridSearchCV(search.estimator, search.param_grid, cv=2, scoring="balanced_accuracy")
    single.fit(np.random.default_rng(0).normal(size=(8, 4000)), [0, 1] * 4)
    assert SelectionDisplay.from_search(single).plot().ax_.get_ylabel() == "balanced accuracy"


@pytest.mark.parametrize(
    ("scoring", "refit"),
    [
        ("balanced_accuracy", True),
        (uar_scorer, True),
        (["balanced_accuracy"], "balanced_accuracy"),
        ({"mine": uar_scorer}, "mine"),
    ],
)
def test_balanced_accuracy_has_a_line_at_chance(search, scoring, refit):
    single = GridSearchCV(search.estimator, search.param_grid, cv=2, scoring=scoring, refit=refit)
    single.fit(np.random.default_rng(0).normal(size=(8, 4000)), [0, 1] * 4)
    display = SelectionDisplay.from_search(single).plot()
    assert display.chance_line_.get_ydata() == [0.5, 0.5]
    assert [text.get_text() for text in display.ax_.texts] == ["chance"]


def test_other_scores_have_none(search):
    assert SelectionDisplay.from_search(search).plot().chance_line_ is None


def test_another_chance_level_can_be_given(search):
    display = SelectionDisplay.from_search(search, score="accuracy", chance=0.6).plot()
    assert display.chance_line_.get_ydata() == [0.6, 0.6]


def test_a_score_that_was_not_measured_is_refused(search):
    with pytest.raises(ValueError, match="score='auc' was not computed"):
        SelectionDisplay.from_search(search, score="auc")


def test_what_a_selector_removed_is_told(table):
    table = table.assign(step=[0, 1, 2], added=[tuple("abc"), (), ("b",)])
    table["removed"] = [(), ("b",), ()]
    ax = SelectionDisplay(table).plot().ax_
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["all 3", "\N{MINUS SIGN} b", "+ b"]
    assert ax.get_title() == "Features added and removed"
    ax = SelectionDisplay(table[:2]).plot().ax_
    assert ax.get_title() == "Features removed one by one"


def test_a_selector_is_drawn_as_a_search_is():
    X = np.random.default_rng(0).normal(size=(8, 4000))
    pipe = Pipeline([("features", make_audio_union(ZCR(), RMS())), ("classify", SVC())])
    selector = SequentialGroupSelector(pipe, cv=2, tol=None).fit(X, [0, 1] * 4)
    display = SelectionDisplay.from_search(selector).plot()
    line, _, _ = display.errorbar_
    assert line.get_ydata().tolist() == selector.steps_["mean_test_score"].tolist()
