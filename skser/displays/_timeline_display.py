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
from skser.displays._waveform_display import WaveformDisplay

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class TimelineDisplay:
    """Probabilities of the classes over time, and the waveform beneath.

    It is recommended to use `from_predictions` or `from_estimator`.

    Parameters
    ----------
    table : pandas.DataFrame
        As `timeline` or `SegmentClassifier.predict_segments` returns it, of one clip.
    waveform : WaveformDisplay, default=None
        The sound; None: probabilities alone are drawn.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes
        That of the probabilities and, if there is a waveform, that of the waveform, after `plot`.
    figure_ : matplotlib Figure
        After `plot`.

    See Also
    --------
    timeline : Makes the table.

    Notes
    -----
    The probability of a window stands at its middle; stacked, it fills what is nearest to that. A
    grey stretch has no label: it was too quiet, no speech, or not usable.

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
        """Make the display of what was said of windows.

        Parameters
        ----------
        predictions : pandas.DataFrame or iterable of LiveEvent
            As `timeline`, `SegmentClassifier.predict_segments` (of one clip) or
            `LiveRecognizer.push` returns it.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,), default=None
            The sound, drawn beneath. Of a `Segment`, time counts from its start, as in
            `WaveformDisplay`, where that of a table counts from the start of the file.
        sr : float, default=22050
            Sample rate in Hz that an array is taken to have.

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
                "There are no probabilities to draw: no window has any. Take a model that has "
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
        """Make the display of a clip, as a fitted `SegmentClassifier` hears it.

        Parameters
        ----------
        estimator : SegmentClassifier
            Fitted. For other models, draw what `timeline` returns.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
            The sound.
        sr : float, default=22050
            Sample rate in Hz that the waveform of an array is drawn at.

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
                f"{type(estimator).__name__} has no predict_segments. Pass what "
                "timeline(estimator, clip) returns to TimelineDisplay.from_predictions."
            )
        return cls.from_predictions(estimator.predict_segments(as_items([clip])), clip, sr=sr)

    @validate_params(
        {"kind": [StrOptions({"lines", "stacked"})]}, prefer_skip_nested_validation=True
    )
    def plot(
        self, ax: Iterable[Axes] | Axes | None = None, *, kind: str = "lines", **kwargs: Any
    ) -> Self:
        """Draw the probabilities, and the waveform if there is one.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of them, default=None
            Where to draw: one, or two with a waveform; None: a new figure.
        kind : {"lines", "stacked"}, default="lines"
            A line for each class, or areas that fill up to 1.
        **kwargs
            For `matplotlib.axes.Axes.plot`, or `stackplot`.

        Returns
        -------
        display : TimelineDisplay

        Raises
        ------
        ValueError
            If `ax` does not hold as many Axes as are drawn on.
        """
        axes = self._axes(ax)
        above = axes[0]
        table, classes = self.table, _classes_of(self.table)
        centres = table[["start", "end"]].mean(axis=1).to_numpy()
        shares = table[[f"p_{name}" for name in classes]].to_numpy(float)
        colours = [f"C{i % 10}" for i in range(len(classes))]
        edges = self._edges(centres)
        if kind == "stacked":
            # Steps: between two without a label, a single middle would have no area.
            steps, heights = np.repeat(edges, 2)[1:-1], np.repeat(shares, 2, axis=0)
            above.stackplot(steps, heights.T, labels=classes, **{"colors": colours} | kwargs)
        else:
            for name, share, colour in zip(classes, shares.T, colours, strict=True):
                # A window between two without a label has no line, but a point.
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
                f"ax holds {len(axes)} Axes, but TimelineDisplay draws on {n_rows}: pass those of "
                f"plt.subplots({n_rows})."
            )
        return axes

    def _edges(self, centres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the bounds of what is nearest to each window."""
        begin, end = self.table["start"].min(), self.table["end"].max()
        return np.concatenate([[begin], (centres[1:] + centres[:-1]) / 2, [end]])


def _classes_of(table: pd.DataFrame) -> list[str]:
    return [str(name)[2:] for name in table.columns if str(name).startswith("p_")]
