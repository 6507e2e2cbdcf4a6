from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skser.displays._base import Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_METRICS = ("loss", "accuracy")

_LABELS_SIDE_BY_SIDE = 25
"""Maximum number of vertical learning-rate labels on an axis of the default width."""


class HistoryDisplay(Display):
    """Plot of a network's loss and accuracy over the training epochs.

    It is recommended to use `from_estimator` to create a display.

    Parameters
    ----------
    history : dict of str to list of float
        Values of each epoch: "loss" and "accuracy"; "val_loss" and "val_accuracy" if samples were
        held out; "learning_rate" if it was reduced. NaN means that the value was not measured in
        that epoch.

    Attributes
    ----------
    ax_ : ndarray of two matplotlib Axes
        Axes of the loss and of the accuracy, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.
    lines_ : dict of str to matplotlib Line2D
        Curves by their name in the history, after `plot`.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Plot the score against the number of samples.

    Notes
    -----
    A vertical line separates the last epoch with one learning rate from the first with another. The
    label above the line is the new learning rate.

    Examples
    --------
    >>> from skser import HistoryDisplay
    >>> history = {
    ...     "loss": [1.4, 0.9, 0.7], "accuracy": [0.3, 0.6, 0.7],
    ...     "val_loss": [1.5, 1.1, 1.2], "val_accuracy": [0.2, 0.5, 0.5],
    ... }
    >>> display = HistoryDisplay(history).plot()
    >>> [ax.get_ylabel() for ax in display.ax_]
    ['loss', 'accuracy']
    """

    ax_: NDArray[np.object_]
    figure_: Figure
    lines_: dict[str, Line2D]

    def __init__(self, history: Mapping[str, Sequence[float]]) -> None:
        self.history = history

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Create a display of a fitted network.

        Parameters
        ----------
        estimator : classifier
            Fitted `Conv1DClassifier`, `Conv2DClassifier` or `DenseClassifier`, or a fitted
            pipeline, search or meta-classifier (such as `AugmentedClassifier`) that contains one.

        Returns
        -------
        display : HistoryDisplay

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If the estimator contains no network.
        """
        check_is_fitted(estimator)
        network = _network_in(estimator)
        if network is None:
            raise ValueError(
                f"{type(estimator).__name__} contains no fitted network with a history_. Pass a "
                "fitted Conv1DClassifier, Conv2DClassifier or DenseClassifier, or a fitted "
                "pipeline, search or meta-classifier that contains a single one."
            )
        return cls(network.history_)

    def plot(self, ax: Sequence[Axes] | NDArray[np.object_] | None = None, **kwargs: Any) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : array-like of two matplotlib Axes, default=None
            Axes of the loss and of the accuracy. If None, a new figure and axes are created.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : HistoryDisplay

        Raises
        ------
        ValueError
            If `ax` does not contain two Axes.
        """
        import matplotlib.pyplot as plt
        from matplotlib.ticker import MaxNLocator

        if ax is None:
            _, ax = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
        axes = np.ravel(np.asarray(ax, dtype=object))
        if len(axes) != 2:
            raise ValueError(
                f"ax contains {len(axes)} Axes, but HistoryDisplay draws on two, for loss and "
                "accuracy. Pass those of plt.subplots(1, 2)."
            )
        # Markers show values whose neighbours were not measured, which have no line.
        style: dict[str, Any] = {"marker": ".", "markersize": 6, "linewidth": 1.5} | kwargs
        epochs = np.arange(1, 1 + len(self.history["loss"]))
        self.lines_ = {}
        for metric, panel in zip(_METRICS, axes, strict=True):
            for name, label in [(metric, "training"), (f"val_{metric}", "validation")]:
                if name in self.history:
                    labelled = {"label": label} | style
                    (self.lines_[name],) = panel.plot(epochs, self.history[name], **labelled)
            self._mark_learning_rates(panel)
            panel.set(xlabel="epoch", ylabel=metric)
            panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            panel.set_xlim(0.5, panel.dataLim.x1 + 0.5)
            panel.grid(axis="y", alpha=0.3)
            panel.legend()
        self.ax_, self.figure_ = axes, axes[0].figure
        return self

    def _mark_learning_rates(self, ax: Axes) -> None:
        from matplotlib.collections import LineCollection

        steps = _steps(self.history.get("learning_rate", []))
        if not steps:
            return
        # The legend avoids separate lines, but not a LineCollection.
        marks = LineCollection(
            [[(place, 0), (place, 1)] for place in steps],
            transform=ax.get_xaxis_transform(),
            colors="0.6",
            linestyles=":",
            linewidths=1,
            zorder=0,
        )
        ax.add_collection(marks, autolim=False)
        gap = len(self.history["loss"]) / _LABELS_SIDE_BY_SIDE
        labelled = _apart(list(steps), gap)
        top = ax.secondary_xaxis("top")
        top.set_xticks(labelled, [_short(steps[place]) for place in labelled], rotation=90)
        top.tick_params(labelsize="small", length=0)
        top.spines["top"].set_visible(False)
        top.set_xlabel("learning rate", fontsize="small")


def _network_in(estimator: Any) -> Any | None:
    """Return the fitted network at any depth of pipelines, searches and meta-estimators."""
    if hasattr(estimator, "history_"):
        return estimator
    if hasattr(estimator, "steps"):
        # A network before the last step computes embeddings.
        found = (_network_in(step) for _, step in reversed(estimator.steps))
        return next((network for network in found if network is not None), None)
    inner = getattr(estimator, "best_estimator_", getattr(estimator, "estimator_", None))
    return None if inner is None else _network_in(inner)


def _steps(rates: Sequence[float]) -> dict[float, float]:
    """Return the positions of learning rate changes, halfway between epochs, and the new rates."""
    known = [(epoch, rate) for epoch, rate in enumerate(rates, start=1) if not np.isnan(rate)]
    return {epoch - 0.5: rate for (_, before), (epoch, rate) in pairwise(known) if rate != before}


def _apart(places: list[float], gap: float) -> list[float]:
    """Drop positions so that the others are a gap apart; the last one is kept."""
    kept: list[float] = []
    for place in reversed(places):
        if not kept or kept[-1] - place >= gap:
            kept.append(place)
    return kept[::-1]


def _short(rate: float) -> str:
    """Format a number compactly: 0.00025 as 2.5e-4."""
    mantissa, exponent = f"{rate:.2e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"
