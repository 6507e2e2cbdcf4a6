from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._text import draw_as_written
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item, title_of
from skser.audio._load import read_clip
from skser.displays._base import Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DRAWN_SINGLY = 20_000
"""Maximum number of samples drawn singly; of longer clips, the range per column is drawn."""

_COLUMNS = 2_000


class WaveformDisplay(Display):
    """Plot of the samples of a clip over time.

    It is recommended to use `from_item` to create a display.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Mono samples.
    sr : float
        Sample rate in Hz.
    title : str, default=None
        Title of the plot.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the plot, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.

    See Also
    --------
    SpectrogramDisplay : Plot the spectrogram.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, WaveformDisplay
    >>> tone = Audio(np.sin(2 * np.pi * 440 * np.arange(8000) / 8000), sr=8000)
    >>> WaveformDisplay.from_item(tone).plot().ax_.get_xlabel()
    'time (s)'
    """

    ax_: Axes
    figure_: Figure

    def __init__(self, y: NDArray[np.float32], sr: float, *, title: str | None = None) -> None:
        self.y = y
        self.sr = sr
        self.title = title

    @classmethod
    def from_item(cls, item: Item, *, sr: float = DEFAULT_SR) -> Self:
        """Create a display of a clip at its own sample rate, with channels averaged.

        Parameters
        ----------
        item : path, Segment, Audio or ndarray of shape (n_samples,)
            Clip to draw.
        sr : float, default=22050
            Sample rate in Hz of a clip that is an array.

        Returns
        -------
        display : WaveformDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read.
        """
        return cls(*read_clip(item, sr), title=title_of(item))

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the samples, or for a long clip their range in each of 2000 segments.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.plot`, or of `fill_between` for a long clip.

        Returns
        -------
        display : WaveformDisplay
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
        style: dict[str, Any] = {"linewidth": 0.6} | kwargs
        if len(self.y) <= _DRAWN_SINGLY:
            ax.plot(np.arange(len(self.y)) / self.sr, self.y, **style)
        else:
            starts = np.linspace(0, len(self.y), _COLUMNS, endpoint=False).astype(int)
            low, high = np.minimum.reduceat(self.y, starts), np.maximum.reduceat(self.y, starts)
            ax.fill_between(starts / self.sr, low, high, **style)
        ax.set(xlabel="time (s)", ylabel="amplitude", title=self.title)
        draw_as_written([ax.title])
        ax.set_xlim(0, len(self.y) / self.sr)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
