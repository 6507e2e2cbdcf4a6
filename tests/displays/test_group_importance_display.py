import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skser import RMS, ZCR, GroupImportanceDisplay, group_importance, make_audio_union

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def display():
    importances = [[0.0, 0.02, -0.02], [0.3, 0.2, 0.1], [0.05, 0.1, 0.03]]
    return GroupImportanceDisplay(["zcr", "mfcc", "rms"], importances, "balanced_accuracy")


@pytest.fixture(scope="module")
def fitted():
    X, y = np.random.default_rng(0).normal(size=(8, 2000)), [0, 1] * 4
    return make_pipeline(make_audio_union(ZCR(), RMS()), SVC()).fit(X, y), X, y


def test_the_most_important_feature_is_on_top(display):
    ax = display.plot().ax_
    assert [label.get_text() for label in ax.get_yticklabels()] == ["zcr", "rms", "mfcc"]
    widths = [bar.get_width() for bar in display.bars_]
    assert widths == pytest.approx([0, 0.06, 0.2])


def test_each_repeat_has_a_dot(display):
    dots, zero = display.plot().ax_.lines
    assert sorted(dots.get_xdata()) == sorted(np.ravel(display.importances))
    assert dots.get_ydata().tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert zero.get_xdata() == [0, 0]


def test_the_axis_names_the_score(display):
    assert "balanced accuracy" in display.plot().ax_.get_xlabel()


def test_a_score_that_is_negative_reads_well():
    axis = GroupImportanceDisplay(["zcr"], [[0.1]], "neg_log_loss").plot().ax_.xaxis
    assert axis.label.get_text().startswith("loss in score (neg log loss)")
    plain = GroupImportanceDisplay(["zcr"], [[0.1]]).plot().ax_.xaxis
    assert plain.label.get_text().startswith("loss in score")


def test_long_names_leave_the_axis_in_the_picture():
    name = "a_feature_whose_name_is_as_long_as_names_of_functions_may_be"
    figure = GroupImportanceDisplay([name], [[0.1]], "balanced_accuracy").plot().figure_
    figure.draw_without_rendering()
    label = figure.axes[0].xaxis.label.get_window_extent()
    assert figure.bbox.x0 <= label.x0
    assert label.x1 <= figure.bbox.x1


def test_it_draws_into_given_axes(display):
    figure, ax = matplotlib.pyplot.subplots()
    assert display.plot(ax).ax_ is ax
    assert display.figure_ is figure


def test_keywords_reach_the_bars(display):
    assert display.plot(color="red").bars_[0].get_facecolor()[:3] == (1, 0, 0)


def test_a_model_is_measured_first(fitted):
    model, X, y = fitted
    given = {"n_repeats": 3, "random_state": 0}
    display = GroupImportanceDisplay.from_estimator(model, X, y, **given)
    assert (display.importances == group_importance(model, X, y, **given).importances).all()
    assert display.score_name == "score"


def test_the_axis_says_within_what_values_were_permuted(fitted):
    model, X, y = fitted
    given = {"n_repeats": 1, "groups": [*"aaaabbbb"], "within": "speaker"}
    display = GroupImportanceDisplay.from_estimator(model, X, y, **given)
    assert display.plot().ax_.get_xlabel().endswith("permuted between clips of one speaker")


def test_what_is_no_importance_is_refused():
    with pytest.raises(TypeError, match=r"importance is int. Pass the result of group_importance"):
        GroupImportanceDisplay.from_importance(3)


def test_of_several_scores_one_is_drawn(fitted):
    result = group_importance(*fitted, scoring=["accuracy", "f1"], n_repeats=2)
    with pytest.raises(ValueError, match=r"Pass one of them: importance\['accuracy'\]"):
        GroupImportanceDisplay.from_importance(result)
    assert GroupImportanceDisplay.from_importance(result["f1"]).score_name == "f1"
