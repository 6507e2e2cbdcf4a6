from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skser._text import draw_as_written
from skser.displays._base import Display
from skser.metrics import uar_scorer
from skser.selection import selection_table
from skser.selection._labels import step_labels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


class SelectionDisplay(Display):
    """Plot of an incremental selection: score against the features added one by one.

    It is recommended to use `from_search` to create a display.

    Parameters
    ----------
    table : pandas.DataFrame
        Table, as returned by `selection_table`.
    score : str, default="score"
        Name of the score to draw.
    label : str, default=None
        Label of the score axis. If None, the name of the score is used.
    chance : float, default=None
        Chance level, which is drawn as a dashed line. If None, no line is drawn.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the plot, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.
    errorbar_ : matplotlib ErrorbarContainer
        Curve with error bars, after `plot`.
    chance_line_ : matplotlib Line2D or None
        Line at chance level, after `plot`.

    See Also
    --------
    selection_table : Return the results as a table.

    Examples
    --------
    >>> import pandas as pd
    >>> from skser import SelectionDisplay
    >>> table = pd.DataFrame({
    ...     "step": [0, 1], "added": [("zcr", "rms"), ("mfcc",)],
    ...     "mean_test_score": [0.3, 0.4], "std_test_score": [0.02, 0.03],
    ... })
    >>> SelectionDisplay(table).plot().ax_.get_ylabel()
    'score'
    """

    ax_: Axes
    figure_: Figure
    errorbar_: ErrorbarContainer
    chance_line_: Line2D | None

    def __init__(
        self,
        table: pd.DataFrame,
        *,
        score: str = "score",
        label: str | None = None,
        chance: float | None = None,
    ) -> None:
        self.table = table
        self.score = score
        self.label = label
        self.chance = chance

    @classmethod
    def from_search(
        cls,
        search: Any,
        *,
        step: str | None = None,
        score: str | None = None,
        chance: float | None = None,
    ) -> Self:
        """Create a display of a fitted search.

        Parameters
        ----------
        search : GridSearchCV or another fitted search
            Search that was fitted on grids from `incremental_grid`, or a fitted
            `SequentialGroupSelector`.
        step : str, default=None
            Step of the pipeline, as for `selection_table`.
        score : str, default=None
            Score to draw, for a search with several scores. If None, the score that the search was
            refitted for is drawn or, if there is none, the first.
        chance : float, default=None
            Chance level. If None, it is 1 / n_classes for the balanced accuracy and the UAR, and
            unknown for other scores.

        Returns
        -------
        display : SelectionDisplay

        Raises
        ------
        ValueError
            If the search has no such score.
        """
        table = selection_table(search, step)
        names = [str(name) for name in table.columns]
        scores = [n.removeprefix("mean_test_") for n in names if n.startswith("mean_test_")]
        if score is None:
            score = search.refit if search.refit in scores else scores[0]
        if score not in scores:
            raise ValueError(f"score={score!r} was not computed. Pass one of {scores}.")
        measured = search.scoring if isinstance(search.scoring, str) else None
        scoring: Any = search.scoring
        if isinstance(scoring, dict):
            scoring = scoring[score]
        elif len(scores) > 1 or isinstance(scoring, list | tuple | set):
            scoring = score
        classes = getattr(search, "classes_", None)
        if not measures_uar(scoring):
            return cls(table, score=score, label=measured, chance=chance)
        if chance is None and classes is not None:
            chance = 1 / len(classes)
        return cls(table, score=score, label=measured or "UAR", chance=chance)

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the curve through the best candidate of each step.

        The curve has a gap at a step of which no candidate could be fitted.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        display : SelectionDisplay
        """
        import matplotlib.pyplot as plt

        mean, std = f"mean_test_{self.score}", f"std_test_{self.score}"
        # A step of which no candidate could be fitted has a row too, and a gap in the curve.
        means = self.table[mean].fillna(-np.inf)
        best = self.table.loc[means.groupby(self.table["step"]).idxmax()]
        if ax is None:
            width = max(6.4, 0.9 * len(best))
            _, ax = plt.subplots(figsize=(width, 4.8), layout="constrained")
        style: dict[str, Any] = {"marker": "o", "capsize": 3} | kwargs
        self.errorbar_ = ax.errorbar(range(len(best)), best[mean], yerr=best[std], **style)
        if len(self.table) > len(best):
            ax.plot(self.table["step"], self.table[mean], ".", color="0.6", zorder=0)
        ax.set_xticks(range(len(best)), step_labels(best), rotation=30, ha="right")
        changes = [
            change
            for change in ("added", "removed")
            if change in best and any(best.loc[best["step"] > 0, change])
        ]
        title = f"Features {' and '.join(changes) or 'added'}"
        title += "" if len(changes) == 2 else " one by one"
        ax.set(ylabel=(self.label or self.score).replace("_", " "), title=title)
        self.chance_line_ = None
        if self.chance is not None:
            self.chance_line_ = ax.axhline(self.chance, color="0.5", linestyle="--", zorder=0)
            place: dict[str, Any] = {
                "xytext": (-2, 2),
                "textcoords": "offset points",
                "ha": "right",
            }
            ax.annotate("chance", (1, self.chance), xycoords=ax.get_yaxis_transform(), **place)
        draw_as_written([ax.yaxis.label, *ax.get_xticklabels()])
        ax.grid(axis="y", alpha=0.3)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self


def measures_uar(scoring: Any) -> bool:
    """Return whether a scorer, or the name of one, measures the unweighted average recall."""
    return scoring == "balanced_accuracy" or repr(scoring) == repr(uar_scorer)
