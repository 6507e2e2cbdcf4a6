from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils import Bunch

from skser._text import draw_as_written
from skser.metrics import group_importance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure


class GroupImportanceDisplay:
    """Bars of what a model's score loses without each feature's values, the longest on top.

    It is recommended to use `from_estimator` or `from_importance`. A bar is the mean over the
    repeats, and each dot is one repeat. A feature whose dots lie around 0 tells the model nothing
    that the other features do not tell it.

    Parameters
    ----------
    names : array-like of shape (n_groups,)
        Names of the features.
    importances : array-like of shape (n_groups, n_repeats)
        What the score loses in each repeat.
    score_name : str, default="score"
        Name of the score.

    Attributes
    ----------
    ax_ : matplotlib Axes
        After `plot`.
    figure_ : matplotlib Figure
        After `plot`.
    bars_ : matplotlib BarContainer
        The bars from the bottom to the top, after `plot`.

    See Also
    --------
    group_importance : The same as numbers.

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

    def __init__(self, names: Any, importances: Any, score_name: str = "score") -> None:
        self.names = names
        self.importances = importances
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, **kwargs: Any) -> Self:
        """Measure the importance, and make its display.

        Parameters
        ----------
        estimator : classifier
            Fitted, as for `group_importance`.
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips left out of fit.
        y : array-like of shape (n_clips,)
            Labels.
        **kwargs
            For `group_importance`: ``scoring``, ``n_repeats``, ``within``, ...

        Returns
        -------
        display : GroupImportanceDisplay

        Raises
        ------
        ValueError
            As for `group_importance`, or if several scores were asked for.
        """
        return cls.from_importance(group_importance(estimator, X, y, **kwargs))

    @classmethod
    def from_importance(cls, importance: Bunch) -> Self:
        """Make the display of what `group_importance` returned.

        Parameters
        ----------
        importance : Bunch
            Of one score.

        Returns
        -------
        display : GroupImportanceDisplay

        Raises
        ------
        ValueError
            If it is of several scores.
        """
        if "importances" not in importance:
            raise ValueError(
                f"The importance is of several scores, {list(importance)}. Pass that of one of "
                f"them: importance[{next(iter(importance), 'score')!r}]."
            )
        return cls(importance["names"], importance["importances"], importance["score_name"])

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw a bar for each feature, and a dot for each repeat.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None: a new figure.
        **kwargs
            For `matplotlib.axes.Axes.barh`.

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
        ax.set_xlabel(f"what the score{of} loses\nwhen a feature is exchanged between clips")
        draw_as_written([ax.xaxis.label, *ax.get_yticklabels()])
        ax.grid(axis="x", alpha=0.3)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
