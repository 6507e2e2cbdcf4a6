from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import StrOptions, validate_params
from skser._text import draw_as_written
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item, Segment, as_items
from skser.compose._timeline_table import timeline_table
from skser.displays._base import Display
from skser.displays._waveform_display import WaveformDisplay

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class TimelineDisplay(Display):
    """Plot of the class probabilities over time, above the waveform.

    It is recommended to use `from_predictions` or `from_estimator` to create a display.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of one clip, as returned by `timeline` or `SegmentClassifier.predict_segments`.
    waveform : WaveformDisplay, default=None
        Waveform of the clip. If None, only the probabilities are drawn.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes
        Axes of the probabilities and, if there is one, of the waveform, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.

    See Also
    --------
    timeline : Compute the table.

    Notes
    -----
    The probability of a window is drawn at its centre; in a stacked plot, it fills the time nearest
    to the centre. Grey segments have no label, because they are too quiet, contain no speech or are
    unusable.

    Examples
    --------
    >>> import pandas as pd
    >>> from skser import TimelineDisplay
    >>> table = pd.DataFrame({
    ...     "start": [0.0, 1.0], "end": [2.0, 3.0], "label": ["sad", "angry"],
    ...     "p_angry": [0.2, 0.9], "p_sad": [0.8, 0.1],
    ... })
    >>> display = TimelineDisplay.from_predictions(table).plot()
    >>> display.ax_[0].get_ylabel()
    'probability'
    """

    ax_: NDArray[np.object_]
    figure_: Figure

    def __init__(self, table: pd.DataFrame, *, waveform: WaveformDisplay | None = None) -> None:
        self.table = table
        self.waveform = waveform

    @classmethod
    def from_predictions(
        cls,
        predictions: pd.DataFrame | Iterable[Any],
        clip: Item | None = None,
        *,
        sr: float = DEFAULT_SR,
    ) -> Self:
        """Create a display from the predictions of windows.

        Parameters
        ----------
        predictions : pandas.DataFrame or iterable of LiveEvent
            Predictions, as returned by `timeline`, `SegmentClassifier.predict_segments` (for one
            clip) or `LiveRecognizer.push`.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,), default=None
            Clip whose waveform is drawn below. For a `Segment`, time counts from its start, as in
            `WaveformDisplay`, although the times of a table count from the start of the file.
        sr : float, default=22050
            Sample rate in Hz of a clip that is an array.

        Returns
        -------
        display : TimelineDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read.
        ValueError
            If there are no probabilities, or the table has several clips.
        """
        is_table = hasattr(predictions, "columns")
        table: Any = predictions if is_table else timeline_table(predictions)
        if not _classes_of(table):
            raise ValueError(
                "There are no probabilities to draw, because no window has any. Use a model with "
                "predict_proba, or lower min_level."
            )
        if "clip" in table and table["clip"].nunique() > 1:
            raise ValueError(
                "The table has several clips. Pass the rows of one: table[table['clip'] == 0]."
            )
        if is_table and isinstance(clip, Segment):
            table = table.assign(start=table["start"] - clip.start, end=table["end"] - clip.start)
        waveform = None if clip is None else WaveformDisplay.from_item(clip, sr=sr)
        return cls(table, waveform=waveform)

    @classmethod
    def from_estimator(cls, estimator: Any, clip: Item, *, sr: float = DEFAULT_SR) -> Self:
        """Create a display from a clip and a fitted `SegmentClassifier`.

        Parameters
        ----------
        estimator : SegmentClassifier
            Fitted classifier. For other models, pass the result of `timeline` to
            `from_predictions`.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
            Clip to predict and draw.
        sr : float, default=22050
            Sample rate in Hz of the waveform of a clip that is an array.

        Returns
        -------
        display : TimelineDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read.
        ValueError
            If the estimator has no `predict_segments`, or no probabilities.
        """
        if not hasattr(estimator, "predict_segments"):
            raise ValueError(
                f"{type(estimator).__name__} has no predict_segments. Pass the result of "
                "timeline(estimator, clip) to TimelineDisplay.from_predictions."
            )
        return cls.from_predictions(estimator.predict_segments(as_items([clip])), clip, sr=sr)

    @validate_params(
        {"kind": [StrOptions({"lines", "stacked"})]}, prefer_skip_nested_validation=True
    )
    def plot(
        self, ax: Iterable[Axes] | Axes | None = None, *, kind: str = "lines", **kwargs: Any
    ) -> Self:
        """Draw the probabilities and, if there is one, the waveform.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of them, default=None
            Axes to draw on: one, or two with a waveform. If None, a new figure and axes are
            created.
        kind : {"lines", "stacked"}, default="lines"
            Whether to draw a line for each class, or stacked areas that add up to 1.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.plot`, or of `stackplot`.

        Returns
        -------
        display : TimelineDisplay

        Raises
        ------
        ValueError
            If the number of Axes in `ax` is wrong.
        """
        axes = self._axes(ax)
        above = axes[0]
        table, classes = self.table, _classes_of(self.table)
        centres = table[["start", "end"]].mean(axis=1).to_numpy()
        shares = table[[f"p_{name}" for name in classes]].to_numpy(float)
        colours = [f"C{i % 10}" for i in range(len(classes))]
        edges = self._edges(centres)
        if kind == "stacked":
            # Steps are drawn because a single centre between unlabelled windows would have no area.
            steps, heights = np.repeat(edges, 2)[1:-1], np.repeat(shares, 2, axis=0)
            above.stackplot(steps, heights.T, labels=classes, **{"colors": colours} | kwargs)
        else:
            for name, share, colour in zip(classes, shares.T, colours, strict=True):
                # A window between two unlabelled ones has no line, so it gets a marker.
                style: dict[str, Any] = {"marker": ".", "color": colour, "label": name} | kwargs
                above.plot(centres, share, **style)
        unknown = np.isnan(shares[:, 0])
        for start, stop in zip(edges[:-1][unknown], edges[1:][unknown], strict=True):
            above.axvspan(start, stop, color="0.9", linewidth=0, zorder=0)
        above.set(ylabel="probability", ylim=(0, 1))
        legend = above.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        draw_as_written([above.title, *legend.get_texts()])
        if self.waveform is not None:
            self.waveform.plot(axes[1], color="0.4")
            axes[1].set_title("")
            above.set_title(self.waveform.title or "")
        axes[-1].set(xlabel="time (s)", xlim=(table["start"].min(), table["end"].max()))
        above.set_xlim(axes[-1].get_xlim())
        self.ax_, self.figure_ = axes, above.figure
        return self

    def _axes(self, ax: Any) -> NDArray[np.object_]:
        import matplotlib.pyplot as plt

        n_rows = 1 if self.waveform is None else 2
        if ax is None:
            _, ax = plt.subplots(
                n_rows,
                figsize=(9, 2.2 + 1.6 * n_rows),
                sharex=True,
                squeeze=False,
                layout="constrained",
                height_ratios=(2.5, 1)[:n_rows],
            )
        axes = np.ravel(np.asarray(ax, dtype=object))
        if len(axes) != n_rows:
            raise ValueError(
                f"ax contains {len(axes)} Axes, but TimelineDisplay draws on {n_rows}. Pass those "
                f"of plt.subplots({n_rows})."
            )
        return axes

    def _edges(self, centres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the edges between the times nearest to each window."""
        begin, end = self.table["start"].min(), self.table["end"].max()
        return np.concatenate([[begin], (centres[1:] + centres[:-1]) / 2, [end]])


def _classes_of(table: pd.DataFrame) -> list[str]:
    return [str(name)[2:] for name in table.columns if str(name).startswith("p_")]
