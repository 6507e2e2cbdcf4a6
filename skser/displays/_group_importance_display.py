from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils import Bunch

from skser._text import draw_as_written
from skser.displays._base import Display
from skser.metrics import group_importance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure


class GroupImportanceDisplay(Display):
    """Bar plot of the loss in a model's score if a feature is permuted, the largest on top.

    It is recommended to use `from_estimator` or `from_importance` to create a display. A bar shows
    the mean over the repeats, and each dot one repeat. A feature whose dots lie around 0 adds no
    information to the other features.

    Parameters
    ----------
    names : array-like of shape (n_groups,)
        Names of the features.
    importances : array-like of shape (n_groups, n_repeats)
        Loss in score in each repeat.
    score_name : str, default="score"
        Name of the score.
    within : {"speaker"}, default=None
        Clips between which values were permuted, as for `group_importance`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the plot, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.
    bars_ : matplotlib BarContainer
        Bars from bottom to top, after `plot`.

    See Also
    --------
    group_importance : Compute the importances.

    Examples
    --------
    >>> from skser import GroupImportanceDisplay
    >>> display = GroupImportanceDisplay(["zcr", "mfcc"], [[0.0, 0.02], [0.3, 0.2]], "accuracy")
    >>> [label.get_text() for label in display.plot().ax_.get_yticklabels()]
    ['zcr', 'mfcc']
    """

    ax_: Axes
    figure_: Figure
    bars_: BarContainer

    def __init__(
        self,
        names: Any,
        importances: Any,
        score_name: str = "score",
        within: str | None = None,
    ) -> None:
        self.names = names
        self.importances = importances
        self.score_name = score_name
        self.within = within

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, **kwargs: Any) -> Self:
        """Compute the importances of a fitted model and create a display.

        Parameters
        ----------
        estimator : classifier
            Fitted model, as for `group_importance`.
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips that the model was not fitted on.
        y : array-like of shape (n_clips,)
            Labels.
        **kwargs
            Further arguments of `group_importance`: ``scoring``, ``n_repeats``, ``within``, ...

        Returns
        -------
        display : GroupImportanceDisplay

        Raises
        ------
        ValueError
            As for `group_importance`, or if there are several scores.
        """
        return cls.from_importance(group_importance(estimator, X, y, **kwargs))

    @classmethod
    def from_importance(cls, importance: Bunch) -> Self:
        """Create a display from the result of `group_importance`.

        Parameters
        ----------
        importance : Bunch
            Result of `group_importance` for one score.

        Returns
        -------
        display : GroupImportanceDisplay

        Raises
        ------
        TypeError
            If `importance` is not a result of `group_importance`.
        ValueError
            If `importance` contains several scores.
        """
        if not isinstance(importance, Bunch):
            raise TypeError(
                f"importance is {type(importance).__name__}. Pass the result of group_importance, "
                "or use from_estimator, which computes it."
            )
        if "importances" not in importance:
            raise ValueError(
                f"importance contains several scores: {list(importance)}. Pass one of them: "
                f"importance[{next(iter(importance), 'score')!r}]."
            )
        result = importance
        return cls(result["names"], result["importances"], result["score_name"], result["within"])

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw a bar for each feature, and a dot for each repeat.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.barh`.

        Returns
        -------
        display : GroupImportanceDisplay
        """
        import matplotlib.pyplot as plt

        importances = np.asarray(self.importances)
        order = np.argsort(importances.mean(axis=1), kind="stable")
        if ax is None:
            width = 4.6 + 0.09 * max((len(str(name)) for name in self.names), default=0)
            height = max(2.6, 1.4 + 0.4 * len(order))
            _, ax = plt.subplots(figsize=(max(6.4, width), height), layout="constrained")
        places = np.arange(len(order))
        style: dict[str, Any] = {"height": 0.6, "color": "C0", "alpha": 0.5} | kwargs
        self.bars_ = ax.barh(places, importances[order].mean(axis=1), **style)
        repeats = np.repeat(places, importances.shape[1])
        ax.plot(importances[order].ravel(), repeats, ".", color="0.3", markersize=4, alpha=0.6)
        ax.axvline(0, color="0.3", linewidth=1)
        ax.set_yticks(places, [str(self.names[place]) for place in order])
        score = self.score_name.replace("_", " ")
        of = "" if score == "score" else f" ({score})"
        of_one = "" if self.within is None else f" of one {self.within}"
        ax.set_xlabel(f"loss in score{of}\nwhen a feature is permuted between clips{of_one}")
        draw_as_written([ax.xaxis.label, *ax.get_yticklabels()])
        ax.grid(axis="x", alpha=0.3)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
