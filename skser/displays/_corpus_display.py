from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._text import draw_as_written
from skser.audio._base import DEFAULT_SR
from skser.audio._load import clip_duration
from skser.datasets._check_corpus import check_corpus
from skser.displays._base import Display

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from sklearn.utils import Bunch

_COUNTED = ("emotion", "speaker", "sex", "intensity")
_MANY = 30
"""Maximum number of bars that are labelled with their names."""

_ANCHORED: dict[str, Any] = {"ha": "right", "va": "center", "rotation_mode": "anchor"}
"""Alignment of rotated labels, so that they end at their tick."""


class CorpusDisplay(Display):
    """Plot of a corpus: clips by emotion, speaker, sex and intensity, and durations.

    It is recommended to use `from_corpus` to create a display.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per clip, with the column emotion and, if known, speaker, sex, intensity and
        duration (seconds).

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes
        Axes of the panels, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.

    Examples
    --------
    >>> from skser import CorpusDisplay, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> display = CorpusDisplay.from_corpus(speech).plot()
    >>> [ax.get_title() for ax in display.ax_]
    ['emotion', 'speaker', 'sex', 'intensity', 'duration']
    """

    ax_: NDArray[np.object_]
    figure_: Figure

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    @classmethod
    def from_corpus(cls, corpus: Bunch) -> Self:
        """Create a display of a corpus.

        Parameters
        ----------
        corpus : Bunch
            Corpus, as returned by the loaders, with ``frame`` and ``data``. If the frame has no
            durations, they are read from the files' headers.

        Returns
        -------
        display : CorpusDisplay

        Raises
        ------
        AudioError
            If the frame has no durations and a file cannot be read.
        """
        check_corpus(corpus, kind=dict)
        frame = corpus["frame"]
        if "duration" not in frame:
            clips = enumerate(corpus["data"])
            durations = [clip_duration(clip, DEFAULT_SR, index) for index, clip in clips]
            frame = frame.assign(duration=durations)
        return cls(frame)

    @property
    def panels(self) -> list[str]:
        """Names of the panels, one for each column with known values, in the order of drawing."""
        return [
            name
            for name in (*_COUNTED, "duration")
            if name in self.frame and self.frame[name].notna().any()
        ]

    def plot(self, ax: Any = None, **kwargs: Any) -> Self:
        """Draw a panel for each column with known values.

        Parameters
        ----------
        ax : array-like of matplotlib Axes, default=None
            Axes to draw on, at least as many as `panels`. If None, a new figure and axes are
            created.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.bar`.

        Returns
        -------
        display : CorpusDisplay

        Raises
        ------
        ValueError
            If there are no panels, or fewer axes than panels.
        """
        import matplotlib.pyplot as plt

        panels = self.panels
        if not panels:
            raise ValueError(
                f"The frame has no values in the columns {[*_COUNTED, 'duration']}. Pass the frame "
                "of a corpus."
            )
        if ax is None:
            n_rows = -(-len(panels) // 2)
            figure = plt.figure(figsize=(10, 3.2 * n_rows), layout="constrained")
            grid = figure.add_gridspec(n_rows, 2)
            axes = np.array([figure.add_subplot(grid[divmod(i, 2)]) for i in range(len(panels))])
            if len(panels) % 2:
                axes[-1].set_subplotspec(grid[-1, :])
        else:
            axes = np.ravel(ax)
        if len(axes) < len(panels):
            raise ValueError(
                f"ax contains {len(axes)} Axes, but there are {len(panels)} panels: {panels}. Pass "
                "one for each panel."
            )
        for name, panel in zip(panels, axes, strict=False):
            if name == "duration":
                self._plot_durations(panel)
            else:
                self._plot_counts(panel, name, **kwargs)
        self.ax_ = axes[: len(panels)]
        self.figure_ = axes[0].figure
        return self

    def _plot_counts(self, ax: Axes, name: str, **kwargs: Any) -> None:
        counts = self.frame[name].value_counts().sort_index()
        bars = ax.bar(range(len(counts)), counts, **kwargs)
        names = counts.index.astype(str)
        if len(counts) > _MANY:
            ax.set_xticks([])
            ax.set_xlabel(f"{len(counts)} {name}s")
        elif len(counts) > 5:
            rotation = 45 if len(counts) <= 12 else 90
            # Many names stand closely, and overlap in a narrow panel unless they are small.
            size = "medium" if len(counts) <= 12 else "small"
            ax.set_xticks(range(len(counts)), names, rotation=rotation, size=size, **_ANCHORED)
        else:
            ax.set_xticks(range(len(counts)), names)
        draw_as_written(ax.get_xticklabels())
        if len(counts) <= 10:
            ax.bar_label(bars, padding=1, fontsize="small")
            ax.margins(y=0.12)
        missing = int(self.frame[name].isna().sum())
        ax.set(ylabel="clips", title=name if missing == 0 else f"{name} ({missing} unknown)")

    def _plot_durations(self, ax: Axes) -> None:
        known = self.frame.reindex(columns=["emotion", "duration"]).dropna(subset="duration")
        emotion = known["emotion"].astype(object).fillna("unknown")
        by_emotion = {str(name): part for name, part in known["duration"].groupby(emotion)}
        positions = range(len(by_emotion))
        ax.boxplot(list(by_emotion.values()), positions=positions, flierprops={"markersize": 2})
        rotation = {"rotation": 45, **_ANCHORED} if len(by_emotion) > 5 else {}
        ax.set_xticks(positions, list(by_emotion), **rotation)
        draw_as_written(ax.get_xticklabels())
        ax.set(ylabel="seconds", title="duration")
        ax.set_ylim(bottom=0)
