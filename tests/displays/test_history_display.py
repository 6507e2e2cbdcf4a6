from itertools import pairwise

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skser import (
    AugmentedClassifier,
    Conv1DClassifier,
    Gain,
    HistoryDisplay,
    SegmentClassifier,
    SpectrogramScaler,
)

matplotlib.use("Agg")

CURVES = ["loss", "val_loss", "accuracy", "val_accuracy"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def history():
    return {
        "loss": [1.4, 1.0, 0.8, 0.7],
        "accuracy": [0.3, 0.5, 0.6, 0.7],
        "val_loss": [1.5, 1.2, 1.3, 1.1],
        "val_accuracy": [0.2, 0.4, 0.3, 0.5],
    }


class Network(ClassifierMixin, BaseEstimator):
    """What the display asks of a network, without the training."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.history_ = {"loss": [1.0], "accuracy": [0.5]}
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def transform(self, X):
        return np.zeros((len(X), 2))


def learning_rates(ax):
    """Return what is written above the axes, and where."""
    return [
        (tick, label.get_text())
        for top in ax.child_axes
        for tick, label in zip(top.get_xticks(), top.get_xticklabels(), strict=True)
    ]


def test_loss_and_accuracy_have_axes_of_their_own(history):
    loss, accuracy = HistoryDisplay(history).plot().ax_
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    assert loss.figure is accuracy.figure


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_goes_through_the_values_of_its_epochs(history, name):
    display = HistoryDisplay(history).plot()
    line = display.lines_[name]
    assert line.get_xdata().tolist() == [1, 2, 3, 4]
    assert line.get_ydata().tolist() == history[name]
    assert line.axes is display.ax_[int("accuracy" in name)]


def test_training_and_validation_are_told_apart(history):
    for ax in HistoryDisplay(history).plot().ax_:
        assert [t.get_text() for t in ax.get_legend().get_texts()] == ["training", "validation"]


def test_without_validation_there_are_the_curves_of_training_only(history):
    display = HistoryDisplay({name: history[name] for name in ("loss", "accuracy")}).plot()
    assert list(display.lines_) == ["loss", "accuracy"]
    assert [t.get_text() for t in display.ax_[0].get_legend().get_texts()] == ["training"]


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 100])
def test_ticks_are_epochs(n_epochs):
    display = HistoryDisplay({"loss": [1.0] * n_epochs, "accuracy": [0.5] * n_epochs}).plot()
    for ax in display.ax_:
        low, high = ax.get_xlim()
        ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
        assert ticks
        assert all(tick == round(tick) and 1 <= tick <= n_epochs for tick in ticks)


def test_a_single_epoch_is_a_point():
    display = HistoryDisplay({"loss": [1.0], "accuracy": [0.5]}).plot()
    assert all(line.get_marker() not in ("", "None") for line in display.lines_.values())


def test_epochs_without_validation_are_a_gap(history):
    history["val_loss"][1] = np.nan
    np.testing.assert_array_equal(
        HistoryDisplay(history).plot().lines_["val_loss"].get_ydata(), [1.5, np.nan, 1.3, 1.1]
    )


def test_a_new_learning_rate_stands_between_the_epochs_it_changed_at(history):
    history["learning_rate"] = [1e-3, 1e-3, 5e-4, 2.5e-4]
    for ax in HistoryDisplay(history).plot().ax_:
        assert learning_rates(ax) == [(2.5, "5e-4"), (3.5, "2.5e-4")]
        (marks,) = ax.collections
        assert [segment[0, 0] for segment in marks.get_segments()] == [2.5, 3.5]


@pytest.mark.parametrize("rates", [None, [0.001] * 4, [np.nan] * 4])
def test_a_learning_rate_that_does_not_change_is_not_marked(history, rates):
    if rates is not None:
        history["learning_rate"] = rates
    for ax in HistoryDisplay(history).plot().ax_:
        assert learning_rates(ax) == []


def test_a_learning_rate_counts_on_over_epochs_that_do_not_tell_theirs(history):
    history["learning_rate"] = [1e-3, np.nan, 1e-3, 1e-2]
    assert learning_rates(HistoryDisplay(history).plot().ax_[0]) == [(3.5, "1e-2")]


def test_labels_of_many_learning_rates_do_not_overlap():
    n_epochs = 100
    rates = 0.001 * 0.9 ** np.arange(n_epochs)
    display = HistoryDisplay(
        {"loss": [1.0] * n_epochs, "accuracy": [0.5] * n_epochs, "learning_rate": rates.tolist()}
    ).plot()
    display.figure_.canvas.draw()
    for ax in display.ax_:
        assert learning_rates(ax)[-1] == (99.5, "2.95e-8")
        boxes = [label.get_window_extent() for label in ax.child_axes[0].get_xticklabels()]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_it_draws_into_given_axes(history):
    _, axes = matplotlib.pyplot.subplots(2, 1)
    assert HistoryDisplay(history).plot(axes).ax_.tolist() == axes.tolist()


def test_a_second_history_widens_the_axes_of_the_first(history):
    first = HistoryDisplay(history).plot()
    HistoryDisplay({"loss": [1.0], "accuracy": [0.5]}).plot(first.ax_, label="other")
    assert first.ax_[0].get_xlim() == (0.5, 4.5)


def test_keywords_reach_the_curves(history):
    display = HistoryDisplay(history).plot(color="red")
    assert {line.get_color() for line in display.lines_.values()} == {"red"}


def test_a_single_axes_is_refused(history):
    _, ax = matplotlib.pyplot.subplots()
    with pytest.raises(ValueError, match="ax contains 1 Axes, but HistoryDisplay draws on two"):
        HistoryDisplay(history).plot(ax)


def test_the_training_of_a_network_is_drawn():
    X, y = make_classification(n_samples=60, random_state=0)
    network = Conv1DClassifier(
        epochs=4, learning_rate=0.5, validation_split=0.3, reduce_lr=(0.1, 1), random_state=0
    ).fit(X, y)
    display = HistoryDisplay.from_estimator(network).plot()
    assert sorted(display.lines_) == sorted(CURVES)
    rates = network.history_["learning_rate"]
    assert len(learning_rates(display.ax_[0])) == np.count_nonzero(np.diff(rates)) > 0


@pytest.mark.parametrize(
    "estimator",
    [
        Network(),
        make_pipeline(StandardScaler(), Network()),
        make_pipeline(Network(), SVC()),
        GridSearchCV(make_pipeline(StandardScaler(), Network()), {}, cv=2),
        AugmentedClassifier(make_pipeline(FunctionTransformer(np.stack), Network()), Gain()),
        GridSearchCV(SegmentClassifier(Network(), window=0.1, vote="majority"), {}, cv=2),
    ],
    ids=["network", "pipeline", "embedding", "search", "augmented", "search of segments"],
)
def test_the_network_is_found_whatever_it_is_wrapped_in(estimator, rng):
    estimator.fit(rng.normal(scale=0.1, size=(8, 4000)), [0, 1] * 4)
    assert HistoryDisplay.from_estimator(estimator).history == {"loss": [1.0], "accuracy": [0.5]}


@pytest.mark.parametrize(
    "estimator",
    [
        DummyClassifier(),
        make_pipeline(SpectrogramScaler(), "passthrough"),
        GridSearchCV(Network(), {}, cv=2, refit=False),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_without_a_network_is_refused(estimator, rng):
    estimator.fit(rng.normal(size=(8, 3)), [0, 1] * 4)
    with pytest.raises(ValueError, match=f"{type(estimator).__name__} contains no fitted network"):
        HistoryDisplay.from_estimator(estimator)


@pytest.mark.parametrize("estimator", [Conv1DClassifier(), make_pipeline(StandardScaler(), SVC())])
def test_an_estimator_that_is_not_fitted_is_refused(estimator):
    with pytest.raises(NotFittedError, match=f"This {type(estimator).__name__} instance is not"):
        HistoryDisplay.from_estimator(estimator)
