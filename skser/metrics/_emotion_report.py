from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, confusion_matrix
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import unique_labels

from skser._sklearn_compat import Interval, validate_params
from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._confusion_ranking import confusion_ranking
from skser.metrics._uar import uar_score

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAIRS_SHOWN = 10


_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue, as in sRGB."""


@dataclass(eq=False, repr=False)
class EmotionReport:
    """How well emotions are recognised, and which are confused.

    It is recommended to use `from_estimator` or `from_predictions`. ``print(report)`` shows it
    as text, a notebook as tables, `plot` draws the confusion matrix.

    Parameters
    ----------
    uar : float
        Unweighted average recall.
    uar_interval : tuple of float
        Lower and upper end of its bootstrap confidence interval.
    confidence_level : float
        Of the interval, such as 0.95.
    resampled : str
        What was drawn for the interval, such as "24 speakers".
    accuracy : float
        Share of clips recognised.
    ranking : pandas.DataFrame
        As `confusion_ranking` returns it: a row a class, the most confused first.
    pairs : pandas.DataFrame
        As `confusion_pairs` returns it: the wrong pairs, the most frequent first.
    confusion : pandas.DataFrame
        Number of clips by true class (rows) and predicted class (columns).

    Attributes
    ----------
    ax_ : matplotlib Axes
        After `plot`.
    figure_ : matplotlib Figure
        After `plot`.

    See Also
    --------
    compare_protocols : The same pipeline under random and disjoint splits.

    Examples
    --------
    >>> from skser import EmotionReport
    >>> report = EmotionReport.from_predictions(
    ...     ["sad", "sad", "happy", "happy", "sad", "happy"],
    ...     ["sad", "happy", "happy", "happy", "sad", "sad"],
    ...     groups=["01", "01", "01", "02", "02", "02"],
    ...     random_state=0,
    ... )
    >>> print(report)
    UAR 0.667, 95 % interval 0.667 to 0.750 (bootstrap over 2 speakers); accuracy 0.667
    6 clips, 2 classes
    <BLANKLINE>
           precision  recall    f1  support taken_for  taken_for_share
    class
    happy      0.667   0.667 0.667        3       sad            0.333
    sad        0.667   0.667 0.667        3     happy            0.333
    <BLANKLINE>
     true predicted  count  share
    happy       sad      1  0.333
      sad     happy      1  0.333
    """

    uar: float
    uar_interval: tuple[float, float]
    confidence_level: float
    resampled: str
    accuracy: float
    ranking: pd.DataFrame
    pairs: pd.DataFrame
    confusion: pd.DataFrame
    ax_: Axes = field(init=False)
    figure_: Figure = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        groups: Any = None,
        *,
        confidence_level: float = 0.95,
        n_resamples: int = 1000,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Let a fitted classifier predict clips that it was not trained on.

        Parameters
        ----------
        estimator : classifier
            Fitted.
        X : array-like of n_clips clips
            What `predict` takes.
        y : array-like of shape (n_clips,)
            True labels.
        groups : array-like of shape (n_clips,), default=None
            As for `from_predictions`.
        confidence_level : float, default=0.95
            As for `from_predictions`.
        n_resamples : int, default=1000
            As for `from_predictions`.
        random_state : int, RandomState or None, default=None
            As for `from_predictions`.

        Returns
        -------
        report : EmotionReport

        Raises
        ------
        ValueError
            As for `from_predictions`.
        """
        return cls.from_predictions(
            y,
            estimator.predict(X),
            groups,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            random_state=random_state,
        )

    @classmethod
    @validate_params(
        {
            "confidence_level": [Interval(Real, 0, 1, closed="neither")],
            "n_resamples": [Interval(Integral, 1, None, closed="left")],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=True,
    )
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        groups: Any = None,
        *,
        confidence_level: float = 0.95,
        n_resamples: int = 1000,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Compare predictions, such as those of `cross_val_predict`, with the truth.

        The interval is a percentile bootstrap: speakers are drawn with replacement, each with
        all of its clips, and the UAR of the clips drawn is taken, `n_resamples` times. Clips of
        a speaker are alike, so drawing clips gives an interval that is too narrow; and with few
        speakers (less than about 20) even this one is.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_clips,)
            True and predicted labels.
        groups : array-like of shape (n_clips,), default=None
            Speakers. None: single clips are drawn.
        confidence_level : float, default=0.95
            How often such intervals would hold the UAR over all speakers.
        n_resamples : int, default=1000
            Number of draws.
        random_state : int, RandomState or None, default=None
            Determines the draws.

        Returns
        -------
        report : EmotionReport

        Raises
        ------
        ValueError
            If there are fewer than two speakers, or without groups two clips, to draw from, or
            the speaker of a clip is missing.
        """
        import pandas as pd

        y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
        check_consistent_length(y_true, y_pred)
        if pd.isna(y_true).any() or pd.isna(y_pred).any():
            raise ValueError("y_true or y_pred has missing labels. Leave such clips out.")
        unit = "clip" if groups is None else "speaker"
        units = np.arange(len(y_true)) if groups is None else column_or_1d(groups)
        check_consistent_length(y_true, units)
        if pd.isna(units).any():
            raise ValueError(
                f"groups lacks the speaker of {pd.isna(units).sum()} of {len(units)} clips. Leave "
                "these clips out, or pass groups=None."
            )
        hits, support = _hits_and_support(y_true, y_pred, units)
        if len(support) < 2:
            raise ValueError(
                f"An interval over {unit}s needs at least two of them, got {len(support)}. "
                + ("Add clips." if groups is None else "Add speakers, or pass groups=None.")
            )
        labels = unique_labels(y_true, y_pred)
        return cls(
            uar=uar_score(y_true, y_pred),
            uar_interval=_interval(hits, support, confidence_level, n_resamples, random_state),
            confidence_level=confidence_level,
            resampled=f"{len(support)} {unit}s",
            accuracy=float(accuracy_score(y_true, y_pred)),
            ranking=confusion_ranking(y_true, y_pred),
            pairs=confusion_pairs(y_true, y_pred),
            confusion=pd.DataFrame(
                confusion_matrix(y_true, y_pred, labels=labels),
                index=pd.Index(labels, name="true"),
                columns=pd.Index(labels, name="predicted"),
            ),
        )

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the confusion matrix as shares of each true class.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None: a new figure.
        **kwargs
            For `sklearn.metrics.ConfusionMatrixDisplay.plot`.

        Returns
        -------
        report : EmotionReport
        """
        import matplotlib.pyplot as plt

        counts = self.confusion.to_numpy()
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if ax is None:
            side = max(4.8, 1.5 + 0.6 * len(counts))
            _, ax = plt.subplots(figsize=(1.15 * side, side), layout="constrained")
        style: dict[str, Any] = {
            "cmap": "Blues",
            "values_format": ".2f",
            "xticks_rotation": 45,
            "im_kw": {"vmin": 0, "vmax": 1},
        }
        labels = self.confusion.index.to_numpy()
        display = ConfusionMatrixDisplay(shares, display_labels=labels)
        display.plot(ax=ax, **(style | kwargs))
        if display.text_ is not None:
            # scikit-learn takes the largest share for the darkest colour.
            for share, text in zip(shares.ravel(), display.text_.ravel(), strict=True):
                colour = display.im_.cmap(display.im_.norm(share))
                text.set_color("white" if np.dot(colour[:3], _LUMINANCE) < 0.5 else "black")
        low, high = self.uar_interval
        ax.set(xlabel="predicted", ylabel="true")
        ax.set_title(f"UAR {self.uar:.3f} ({low:.3f} to {high:.3f}, {self.resampled})")
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _headline(self) -> str:
        low, high = self.uar_interval
        return (
            f"UAR {self.uar:.3f}, {100 * self.confidence_level:g} % interval {low:.3f} to "
            f"{high:.3f} (bootstrap over {self.resampled}); accuracy {self.accuracy:.3f}"
        )

    def _size(self) -> str:
        return f"{self.confusion.to_numpy().sum()} clips, {len(self.confusion)} classes"

    def __str__(self) -> str:
        tables = [self.ranking.to_string(float_format="{:.3f}".format, na_rep="")]
        if len(self.pairs):
            pairs = self.pairs.head(_PAIRS_SHOWN)
            tables.append(pairs.to_string(float_format="{:.3f}".format, index=False))
        lines = "\n\n".join([f"{self._headline()}\n{self._size()}", *tables]).splitlines()
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        tables = [self.ranking, self.pairs.head(_PAIRS_SHOWN), self.confusion]
        parts = [table.to_html(float_format="{:.3f}".format, na_rep="") for table in tables]
        return f"<p><b>{self._headline()}</b><br>{self._size()}</p>" + "".join(parts)


def _hits_and_support(
    y_true: NDArray[Any], y_pred: NDArray[Any], units: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count clips recognised, and clips, of each unit and class: two of (n_units, n_classes)."""
    classes, true = np.unique(y_true, return_inverse=True)
    names, unit = np.unique(units, return_inverse=True)
    support = np.zeros((len(names), len(classes)), dtype=np.int64)
    hits = support.copy()
    np.add.at(support, (unit, true), 1)
    np.add.at(hits, (unit, true), y_true == y_pred)
    return hits, support


def _interval(
    hits: NDArray[np.int64],
    support: NDArray[np.int64],
    confidence_level: float,
    n_resamples: int,
    random_state: Any,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the UAR over units."""

    def uar(drawn: NDArray[np.intp]) -> float:
        recognised, n_clips = hits[drawn].sum(axis=0), support[drawn].sum(axis=0)
        # A class that nobody drawn has shown is left out, as in uar_score.
        return float(np.mean(recognised[n_clips > 0] / n_clips[n_clips > 0]))

    result = bootstrap(
        (np.arange(len(support)),),
        uar,
        vectorized=False,
        method="percentile",
        confidence_level=confidence_level,
        n_resamples=n_resamples,
        random_state=check_random_state(random_state),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
