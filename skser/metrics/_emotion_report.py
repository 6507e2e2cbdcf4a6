from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from html import escape
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, t
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, confusion_matrix
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import unique_labels

from skser._sklearn_compat import Interval, validate_params
from skser._speakers import check_speakers
from skser._text import draw_as_written, visible
from skser.augmentation._base import draw_seed
from skser.compose._speakers_inside import is_transductive
from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._confusion_ranking import confusion_ranking
from skser.metrics._gaps import (
    ONE_IN,
    describe_groups,
    gap_and_luck,
    hits_and_support,
    score_groups,
)
from skser.metrics._uar import uar_score

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAIRS_SHOWN = 10

_NO_WIDTH = 1e-9

FEW_SPEAKERS = 10
"""Smallest number of speakers for which the interval has the stated coverage, see
benchmarks/simulate_intervals.py."""

_SIGNIFICANT = 1 / ONE_IN

_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue, as in sRGB."""


@dataclass(eq=False, repr=False)
class EmotionReport:
    """Report how well emotions are recognised and which ones are confused.

    It is recommended to use `from_estimator` or `from_predictions` to create a report.
    ``print(report)`` shows the report as text, a notebook shows it as tables, and `plot` draws the
    confusion matrix.

    Parameters
    ----------
    uar : float
        Unweighted average recall.
    uar_interval : tuple of float or None
        Lower and upper end of the confidence interval of the UAR. None if there are fewer than ten
        speakers (look at `speakers` instead), or if all of them have the same score.
    confidence_level : float
        Confidence level of the interval, such as 0.95.
    covers : str
        Description of what the interval covers, such as "new speakers: t over 24 speakers", or why
        there is no interval.
    speakers : pandas.DataFrame or None
        ``uar``, ``accuracy`` and ``support`` (number of clips) of each speaker, the worst first.
        None if the speakers are unknown.
    accuracy : float
        Fraction of the clips that are predicted correctly.
    ranking : pandas.DataFrame
        Table returned by `confusion_ranking`: one row per class, the most confused first.
    pairs : pandas.DataFrame
        Table returned by `confusion_pairs`: the confused pairs of classes, the most frequent first.
    confusion : pandas.DataFrame
        Number of clips by true class (rows) and predicted class (columns).
    transductive : bool, default=False
        Whether unlabelled test clips took part in the predictions, for example because a
        `SpeakerNormalizer` with ``unseen="batch"`` met unknown speakers. The report then says so
        next to the score.
    predictions : pandas.DataFrame, default=None
        One row per clip, with the columns ``true``, ``predicted`` and, if speakers are known,
        ``speaker``. `by_group` and `gaps` are computed from it.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the confusion matrix, after `plot`.
    figure_ : matplotlib Figure
        Figure of the confusion matrix, after `plot`.

    See Also
    --------
    compare_protocols : Score a pipeline under random and disjoint splits.

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
    UAR 0.667, accuracy 0.667
    6 clips, 2 classes, 2 speakers: too few for an interval, so their scores are listed
    <BLANKLINE>
              uar  accuracy  support
    speaker
    01      0.750     0.667        3
    02      0.750     0.667        3
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
    uar_interval: tuple[float, float] | None
    confidence_level: float
    covers: str
    speakers: pd.DataFrame | None
    accuracy: float
    ranking: pd.DataFrame
    pairs: pd.DataFrame
    confusion: pd.DataFrame
    transductive: bool = False
    predictions: pd.DataFrame | None = None
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
        """Create a report from a fitted classifier and clips that it was not trained on.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier.
        X : array-like of n_clips clips
            Clips to predict.
        y : array-like of shape (n_clips,)
            True labels.
        groups : array-like of shape (n_clips,), default=None
            Speaker of each clip. If None, the interval is computed over clips.
        confidence_level : float, default=0.95
            Confidence level of the interval, as for `from_predictions`.
        n_resamples : int, default=1000
            Number of bootstrap resamples of the clips; ignored if `groups` is given.
        random_state : int, RandomState or None, default=None
            Random seed or generator of the draws.

        Returns
        -------
        report : EmotionReport

        Raises
        ------
        ValueError
            As for `from_predictions`.

        Warns
        -----
        UserWarning
            If there are clips of classes that the classifier was not trained on.
        """
        _warn_of_unknown_classes(estimator, y)
        return cls.from_predictions(
            y,
            estimator.predict(X),
            groups,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            random_state=random_state,
            transductive=is_transductive(estimator, X),
        )

    @classmethod
    @validate_params(
        {
            "confidence_level": [Interval(Real, 0, 1, closed="neither")],
            "n_resamples": [Interval(Integral, 1, None, closed="left")],
            "random_state": ["random_state"],
            "transductive": ["boolean"],
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
        transductive: bool = False,
    ) -> Self:
        """Create a report from true labels and predictions, such as those of `cross_val_predict`.

        With ten speakers or more, the interval is Student's t interval over speakers: UAR plus and
        minus a quantile of the t distribution times the standard error, computed from the
        linearised variance with speakers as clusters [1]_. It covers the choice of the test
        speakers, that is, new speakers of the same kind, recorded in the same way. It does not
        cover the choice of the training speakers, other rooms, languages or corpora.

        With fewer speakers, the report shows the scores of each speaker instead of an interval,
        because the t interval would be too wide to be useful, and a bootstrap over speakers too
        narrow to be correct. There is no interval either if all speakers have the same score, such
        as 1, because its width would be 0.

        Without groups, the interval is a percentile bootstrap over clips. It covers other clips of
        the same speakers and is too narrow for new speakers.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_clips,)
            True and predicted labels.
        groups : array-like of shape (n_clips,), default=None
            Speaker of each clip. If None, the interval is computed over clips.
        confidence_level : float, default=0.95
            Confidence level: how often such intervals would contain the UAR over all speakers, or
            clips.
        n_resamples : int, default=1000
            Number of bootstrap resamples of the clips; ignored if `groups` is given.
        random_state : int, RandomState or None, default=None
            Random seed or generator of the draws.
        transductive : bool, default=False
            Whether other test clips took part in a prediction, for example with ``unseen="batch"``
            of a `SpeakerNormalizer`, or because the test clips themselves were enrolled.

        Returns
        -------
        report : EmotionReport

        Raises
        ------
        ValueError
            If labels or speakers are missing, there are no groups and fewer than two clips, or the
            speakers have types that cannot be sorted together.

        References
        ----------
        .. [1] C. J. Skinner, D. Holt, T. M. F. Smith, "Analysis of Complex Surveys", Wiley, 1989.
        """
        import pandas as pd

        y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
        check_consistent_length(y_true, y_pred)
        if pd.isna(y_true).any() or pd.isna(y_pred).any():
            raise ValueError("y_true or y_pred has missing labels. Leave these clips out.")
        interval: tuple[float, float] | None
        predictions = pd.DataFrame({"true": y_true, "predicted": y_pred})
        if groups is None:
            speakers = None
            interval, covers = _over_clips(
                y_true, y_pred, confidence_level, n_resamples, random_state
            )
        else:
            groups = check_speakers(groups, y_true)
            speakers = score_groups(predictions, groups, "speaker")
            predictions["speaker"] = groups
            interval, covers = _over_speakers(y_true, y_pred, groups, confidence_level)
        labels = unique_labels(y_true, y_pred)
        return cls(
            uar=uar_score(y_true, y_pred),
            uar_interval=interval,
            confidence_level=confidence_level,
            covers=covers,
            speakers=speakers,
            accuracy=float(accuracy_score(y_true, y_pred)),
            ranking=confusion_ranking(y_true, y_pred),
            pairs=confusion_pairs(y_true, y_pred),
            transductive=transductive,
            predictions=predictions,
            confusion=pd.DataFrame(
                confusion_matrix(y_true, y_pred, labels=labels),
                index=pd.Index(labels, name="true"),
                columns=pd.Index(labels, name="predicted"),
            ),
        )

    def by_group(self, values: Any, name: str = "group") -> pd.DataFrame:
        """Score groups of clips, such as those of women and of men.

        Parameters
        ----------
        values : array-like of shape (n_clips,)
            Group of each clip, such as ``corpus.frame["sex"]``, in the order of the predictions.
            Clips whose group is unknown (None or NaN) are left out.
        name : str, default="group"
            Name of the index.

        Returns
        -------
        scores : pandas.DataFrame
            Table indexed by group, the worst first, with the columns uar, accuracy, n_speakers (if
            speakers are known), support (number of clips), and true, predicted and share of the
            most frequent confusion, where share is the fraction of the clips of the true class
            (None and 0 if there are no errors).

        Raises
        ------
        ValueError
            If the number of values is not that of the clips, all values are missing, or `name` is
            the name of a column.

        See Also
        --------
        gaps : Test whether groups differ by more than luck.

        Examples
        --------
        >>> from skser import EmotionReport
        >>> report = EmotionReport.from_predictions(
        ...     ["sad", "happy", "sad", "happy"], ["sad", "happy", "happy", "happy"], [1, 1, 2, 2]
        ... )
        >>> report.by_group(["female", "female", "male", "male"], "sex")["uar"].to_dict()
        {'male': 0.5, 'female': 1.0}
        """
        return describe_groups(*self._known(values), name)

    @validate_params(
        {
            "groups": [dict, None],
            "n_permutations": [Interval(Integral, ONE_IN, None, closed="left")],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=True,
    )
    def gaps(
        self,
        groups: dict[str, Any] | None = None,
        *,
        n_permutations: int = 1000,
        random_state: int | np.random.RandomState | None = None,
    ) -> pd.DataFrame:
        """Compare the best recognised group of clips with the worst: speakers, sexes, languages.

        Even if all groups are recognised equally well, some are luckier than others, and among many
        speakers the best and the worst lie far apart. Gaps due to luck are therefore drawn by
        permutation [1]_:

        - between speakers: the recognised clips of each class are redrawn;
        - between groups of speakers, such as sexes: the speakers of each group are redrawn, so that
          speakers remain as different as they are;
        - between groups that share speakers, such as sentences: the recognised clips of each class
          are redrawn within each speaker.

        Groups share speakers if most speakers are in several groups. If only a few are, for example
        because of a wrong entry in a table, a warning names them, and each counts as a member of
        the group that most of its clips are in.

        Parameters
        ----------
        groups : dict of str to array-like of shape (n_clips,), default=None
            Groups of the clips, as for `by_group`, by name: ``{"sex": corpus.frame["sex"]}``. Known
            speakers are always compared, in the row "speaker"; an entry of this name may give them
            other labels. Entries with a single value get no row.
        n_permutations : int, default=1000
            Number of permutations, at least 20: with fewer, no gap can have a `p` below 0.05.
        random_state : int, RandomState instance or None, default=None
            Random seed or generator of the draws.

        Returns
        -------
        gaps : pandas.DataFrame
            Table indexed by name ("speaker" first), with these columns:

            worst, worst_uar, best, best_uar, gap
                Groups with the lowest and the highest UAR, and the difference.
            luck_high
                Upper limit of gaps due to luck: at least 95 % of the permutations have gaps at most
                as wide, and `p` is below 0.05 only for a wider gap.
            p
                Fraction of the permutations with gaps at least as wide as this one. With few
                speakers, it cannot be small: three women and three men give at least 0.1, one woman
                and one man always give 1, as do all groups of one speaker each.
            verdict
                "more than luck" if p is below 0.05, otherwise "may be luck".
            luck_of
                What was permuted: "clips" or "speakers". If speakers are unknown, clips are
                permuted, and `p` is too small, because clips of the same speaker are similar.

        Raises
        ------
        ValueError
            If the number of values is not that of the clips, all values are missing, or the entry
            "speaker" contradicts the known speakers.

        Warns
        -----
        UserWarning
            If a few speakers are in several groups, or each group has a single speaker, so that
            groups cannot be distinguished from speakers.

        References
        ----------
        .. [1] P. Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", Springer,
           2005.
        """
        import pandas as pd

        rng = np.random.default_rng(draw_seed(random_state))
        compared = dict(groups or {})
        speakers = None if self.predictions is None else self.predictions.get("speaker")
        if speakers is not None:
            compared = {"speaker": speakers} | compared
        rows = {}
        for name, values in compared.items():
            predictions, known = self._known(values)
            if name == "speaker" and speakers is not None:
                _check_relabelled(predictions["speaker"], known)
                # Between speakers, clips are permuted, not the speakers themselves.
                predictions = predictions.drop(columns="speaker")
            if len(np.unique(known)) > 1:
                rows[name] = gap_and_luck(predictions, known, n_permutations, rng)
        columns = ["worst", "worst_uar", "best", "best_uar", "gap", "luck_high", "p"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=[*columns, "luck_of"])
        verdict = np.where(table["p"] < _SIGNIFICANT, "more than luck", "may be luck")
        table.insert(len(columns), "verdict", verdict)
        return table.rename_axis("by")

    def _known(self, values: Any) -> tuple[pd.DataFrame, NDArray[Any]]:
        """Return the predictions of the clips whose group is known, and their groups."""
        import pandas as pd

        if self.predictions is None:
            raise ValueError(
                "The report was created without predictions, so groups cannot be scored. Create "
                "it with EmotionReport.from_predictions or from_estimator."
            )
        given = pd.Series(column_or_1d(np.asarray(values, dtype=object)))
        check_consistent_length(self.predictions, given)
        known = given.notna().to_numpy()
        if not known.any():
            raise ValueError("All values are missing. Pass the group of at least one clip.")
        kept = check_speakers(given[known].infer_objects().to_numpy(), given[known])
        return self.predictions[known].reset_index(drop=True), kept

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the confusion matrix, normalised by the true classes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        **kwargs
            Further arguments of `sklearn.metrics.ConfusionMatrixDisplay.plot`.

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
        draw_as_written([*ax.get_xticklabels(), *ax.get_yticklabels()])
        if display.text_ is not None:
            # scikit-learn assumes that the largest share has the darkest colour.
            for share, text in zip(shares.ravel(), display.text_.ravel(), strict=True):
                colour = display.im_.cmap(display.im_.norm(share))
                text.set_color("white" if np.dot(colour[:3], _LUMINANCE) < 0.5 else "black")
        ax.set(xlabel="predicted", ylabel="true")
        ends = f" ({self._ends()})" if self.uar_interval else ""
        how = ", transductive" if self.transductive else ""
        ax.set_title(f"UAR {self.uar:.3f}{ends}{how}")
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _ends(self) -> str:
        return "" if self.uar_interval is None else "{:.3f} to {:.3f}".format(*self.uar_interval)

    def _headline(self) -> str:
        interval = ""
        if self.uar_interval is not None:
            level = f"{100 * self.confidence_level:g} % interval"
            interval = f", {level} {self._ends()} ({self.covers})"
        how = " (transductive: test clips took part)" if self.transductive else ""
        return f"UAR {self.uar:.3f}{interval}{how}, accuracy {self.accuracy:.3f}"

    def _size(self) -> str:
        size = f"{self._n_clips()}, {len(self.confusion)} classes"
        return size if self.uar_interval is not None else f"{size}, {self.covers}"

    def _n_clips(self) -> str:
        return f"{self.confusion.to_numpy().sum()} clips"

    def _tables(self) -> list[pd.DataFrame]:
        """Return the tables to show, including speakers' scores only if there is no interval."""
        few = self.uar_interval is None and self.speakers is not None
        return [*([self.speakers] if few else []), self.ranking]

    def __repr__(self) -> str:
        scores = f"UAR {self.uar:.3f}, accuracy {self.accuracy:.3f}"
        return f"<EmotionReport: {scores}, {self._n_clips()}>"

    def __str__(self) -> str:
        style: dict[str, Any] = {"float_format": "{:.3f}".format, "na_rep": ""}
        tables = [_visible(table).to_string(**style) for table in self._tables()]
        if len(self.pairs):
            pairs = _visible(self.pairs.head(_PAIRS_SHOWN))
            tables.append(pairs.to_string(index=False, **style))
        lines = "\n\n".join([f"{self._headline()}\n{self._size()}", *tables]).splitlines()
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str | None:
        import matplotlib.pyplot as plt

        figure = getattr(self, "figure_", None)
        if figure is not None and plt.fignum_exists(getattr(figure.canvas.figure, "number", -1)):
            # The cell that called `plot` shows the figure.
            return None
        tables = [*self._tables(), self.pairs.head(_PAIRS_SHOWN), self.confusion]
        style: dict[str, Any] = {"float_format": "{:.3f}".format, "na_rep": ""}
        parts = [_visible(table).to_html(**style) for table in tables]
        heading = f"<p><b>{escape(self._headline())}</b><br>{escape(self._size())}</p>"
        return heading + "".join(parts)


def _visible(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with displayable names, because they may come from file names."""
    import pandas as pd

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) else value

    table = table.rename(index=shown, columns=shown).map(shown)
    if "taken_for" in table:
        # Labels, of which pandas would make floats if they are numbers and some are missing.
        table["taken_for"] = [None if pd.isna(name) else str(name) for name in table["taken_for"]]
    return table


def _check_relabelled(speakers: pd.Series, groups: NDArray[Any]) -> None:
    """Check that groups of clips are the speakers, perhaps with other labels."""
    pairs = speakers.to_frame("known").assign(given=groups).drop_duplicates()
    if any(pairs[column].duplicated().any() for column in pairs):
        raise ValueError(
            "groups['speaker'] joins the clips of several speakers of the report, or divides those "
            "of one. Pass it under another name, or create the report with these speakers."
        )


def _warn_of_unknown_classes(estimator: Any, y: Any) -> None:
    """Warn if the recall of a class is 0 because the classifier has never seen the class."""
    known = getattr(estimator, "classes_", None)
    if known is None:
        return
    trained_on = set(np.asarray(known).tolist())
    present = dict.fromkeys(np.asarray(y).ravel().tolist())
    unknown = [label for label in present if label not in trained_on]
    # None in common: labels of another kind, such as codes and names, which raise an error later.
    if unknown and len(unknown) < len(present):
        listed = ", ".join(visible(repr(label)) for label in unknown)
        warnings.warn(
            f"The classifier was not trained on these classes of y: {listed}. All of their clips "
            "count as wrong, with a recall of 0 in the UAR. Leave the clips out, or train on "
            "clips of every class.",
            UserWarning,
            stacklevel=3,
        )


def _over_speakers(
    y_true: NDArray[Any], y_pred: NDArray[Any], groups: NDArray[Any], confidence_level: float
) -> tuple[tuple[float, float] | None, str]:
    """Return the interval over speakers and what it covers, or None and the reason."""
    hits, support = hits_and_support(y_true, y_pred, groups)
    speakers = f"{len(support)} speaker{'' if len(support) == 1 else 's'}"
    if len(support) < FEW_SPEAKERS:
        return None, f"{speakers}: too few for an interval, so their scores are listed"
    interval = speaker_interval(hits, support, confidence_level)
    if np.ptp(interval) < _NO_WIDTH:
        return None, f"{speakers} with the same score: no interval, as their spread is unknown"
    return interval, f"new speakers: t over {speakers}"


def _over_clips(
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    confidence_level: float,
    n_resamples: int,
    random_state: Any,
) -> tuple[tuple[float, float] | None, str]:
    """Return the interval over clips and what it covers, or None and the reason."""
    if len(y_true) < 2:
        raise ValueError(
            f"An interval over clips needs at least two clips, got {len(y_true)}. Add clips."
        )
    hits, support = hits_and_support(y_true, y_pred, np.arange(len(y_true)))
    interval = _clip_interval(hits, support, confidence_level, n_resamples, random_state)
    if np.ptp(interval) < _NO_WIDTH:
        return None, "no interval: all or none of the clips of each class are recognised"
    return interval, f"other clips of the same speakers: bootstrap over {len(y_true)} clips"


def speaker_interval(
    hits: NDArray[np.int64], support: NDArray[np.int64], confidence_level: float
) -> tuple[float, float]:
    """Return Student's t interval of the UAR over speakers, clipped to 0 and 1.

    The variance is the linearised variance of a sum of ratios with speakers as clusters. If all
    speakers have the same number of clips of each class, the interval is that of the mean of the
    speakers' UARs.
    """
    n_speakers = len(support)
    n_clips = support.sum(axis=0)
    recalls = hits.sum(axis=0) / n_clips
    influence = np.mean((hits - recalls * support) / n_clips, axis=1)
    error = np.sqrt(n_speakers / (n_speakers - 1) * np.sum(influence**2))
    margin = t.ppf((1 + confidence_level) / 2, n_speakers - 1) * error
    low, high = np.clip(recalls.mean() + np.array([-margin, margin]), 0, 1)
    return float(low), float(high)


def _clip_interval(
    hits: NDArray[np.int64],
    support: NDArray[np.int64],
    confidence_level: float,
    n_resamples: int,
    random_state: Any,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the UAR over clips."""

    def uar(drawn: NDArray[np.intp]) -> float:
        recognised, n_clips = hits[drawn].sum(axis=0), support[drawn].sum(axis=0)
        # A class without drawn clips is left out, as in uar_score.
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
