from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval, validate_params
from skser._text import draw_as_written
from skser.analysis import Analysis, AnalysisPlan
from skser.analysis._spectral import to_db
from skser.analysis._speech_spectrum import LEAST_SR
from skser.audio._items import Item, title_of
from skser.audio._load import load_clip
from skser.displays._base import Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_SECONDS = 0.064
"""Length of a spectrogram frame in seconds, which separates harmonics of 60 Hz."""

_LOWEST, _HIGHEST = 50.0, 5000.0
"""Range of the vertical axis in Hz."""

_TICKS = (62.5, 125, 250, 500, 1000, 2000, 4000)
"""Ticks of the vertical axis in Hz."""

_FLOOR, _DEPTH = -100.0, 60.0
"""Level of silence, and range from the loudest bin to the lightest colour, both in dB."""


class PitchDisplay(Display):
    """Plot of the pitch and formants of a clip over its spectrogram.

    The frequency axis is logarithmic, so equal musical intervals have equal heights. The pitch lies
    on the first harmonic. It is recommended to use `from_item` to create a display.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz, NaN where the clip is unvoiced.
    formants : ndarray of shape (n_formants, n_frames)
        Frequency of each formant in Hz, the lowest first; NaN where there is none.
    decibels : ndarray of shape (n_bins, n_frames)
        Power of the spectrogram in dB.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz, above 0.
    times : ndarray of shape (n_frames,)
        Centre of each frame in seconds.
    title : str, default=None
        Title of the plot.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the plot, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.
    image_ : matplotlib QuadMesh
        Spectrogram, after `plot`.
    voicing_ : matplotlib PolyCollection
        Shading of the voiced segments, after `plot`.
    dots_ : list of matplotlib PathCollection
        Dots of each formant, after `plot`.
    line_ : matplotlib Line2D
        Pitch, after `plot`.

    See Also
    --------
    SpectrogramDisplay : Plot the spectrogram in mel bands.
    Pitch : Compute functionals of the pitch.
    Formants : Compute functionals of the formants.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, PitchDisplay
    >>> voice = Audio(120 * np.arange(16000) / 16000 % 1 - 0.5, sr=16000)
    >>> display = PitchDisplay.from_item(voice)
    >>> round(float(np.nanmedian(display.f0)))
    120
    >>> display.plot().ax_.get_ylabel()
    'frequency (Hz)'
    """

    ax_: Axes
    figure_: Figure
    image_: QuadMesh
    voicing_: PolyCollection
    dots_: list[PathCollection]
    line_: Line2D

    def __init__(
        self,
        f0: NDArray[np.floating],
        formants: NDArray[np.floating],
        decibels: NDArray[np.floating],
        frequencies: NDArray[np.floating],
        times: NDArray[np.floating],
        *,
        title: str | None = None,
    ) -> None:
        self.f0 = f0
        self.formants = formants
        self.decibels = decibels
        self.frequencies = frequencies
        self.times = times
        self.title = title

    @classmethod
    @validate_params(
        {
            "sr": [Interval(Real, LEAST_SR, None, closed="left")],
            "n_formants": [Interval(Integral, 0, 5, closed="both")],
        },
        prefer_skip_nested_validation=True,
    )
    def from_item(cls, item: Item, *, sr: float = 16000, n_formants: int = 3) -> Self:
        """Create a display of a clip, analysed as by `Pitch` and `Formants`.

        Parameters
        ----------
        item : path, Segment, Audio or ndarray of shape (n_samples,)
            Clip to draw.
        sr : float, default=16000
            Sample rate in Hz, at least 8000, to which the clip is resampled; also the sample rate
            of a clip that is an array.
        n_formants : int, default=3
            Number of formants, from 0 to 5.

        Returns
        -------
        display : PitchDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read.
        ValueError
            If `n_formants` exceeds one formant per 1000 Hz below half of `sr`.
        """
        y = load_clip(item, sr)
        voice = Analysis(y, AnalysisPlan(sr)).voice
        formants = np.empty((0, voice.n_frames), dtype=np.float32)
        if n_formants:
            formants, _, _ = voice.formants(n_formants)
        # The frames of the spectrogram have the same centres as those of the voice.
        plan = AnalysisPlan(sr, round(_SECONDS * sr), round(voice.hop_seconds * sr))
        spectrum = Analysis(y, plan)
        shown = (spectrum.frequencies >= _LOWEST / 2) & (spectrum.frequencies <= _HIGHEST)
        return cls(
            voice.f0,
            formants,
            to_db(spectrum.power[:, shown]).T,
            spectrum.frequencies[shown],
            np.arange(voice.n_frames) * voice.hop_seconds,
            title=title_of(item),
        )

    def plot(self, ax: Axes | None = None, *, legend: bool = True, **kwargs: Any) -> Self:
        """Draw the spectrogram, shade voiced segments, and draw formants and pitch on top.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        legend : bool, default=True
            Whether to draw a legend next to the plot.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.pcolormesh`: ``cmap``, ``vmin``, ...

        Returns
        -------
        display : PitchDisplay
        """
        import matplotlib.pyplot as plt
        from matplotlib.patheffects import Normal, Stroke
        from matplotlib.ticker import NullLocator

        if ax is None:
            _, ax = plt.subplots(figsize=(8, 4), layout="constrained")
        loudest = max(float(self.decibels.max()), _FLOOR + _DEPTH)
        style: dict[str, Any] = {
            "vmin": loudest - _DEPTH,
            "vmax": loudest,
            "cmap": "Greys",
            "shading": "gouraud" if len(self.times) > 1 else "nearest",
            "rasterized": True,
        }
        self.image_ = ax.pcolormesh(self.times, self.frequencies, self.decibels, **(style | kwargs))
        self.voicing_ = self._shade(ax)
        self.dots_ = [
            ax.scatter(self.times, track, s=6, color=f"C{i}", label=f"F{i}", linewidths=0, zorder=3)
            for i, track in enumerate(self.formants, start=1)
        ]
        [self.line_] = ax.plot(
            self.times,
            self.f0,
            color="C0",
            linewidth=2.5,
            label="F0",
            path_effects=[Stroke(linewidth=4.5, foreground="white"), Normal()],
            zorder=4,
        )
        ax.set_yscale("log")
        ax.set_yticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        ax.yaxis.set_minor_locator(NullLocator())
        half = self.times[1] / 2 if len(self.times) > 1 else 0.005
        ax.set_xlim(-half, self.times[-1] + half)
        ax.set_ylim(_LOWEST, min(_HIGHEST, self.frequencies[-1]))
        ax.set(xlabel="time (s)", ylabel="frequency (Hz)", title=self.title)
        draw_as_written([ax.title])
        if legend:
            marks = [self.line_, *self.dots_, self.voicing_]
            ax.legend(
                handles=marks,
                loc="center left",
                bbox_to_anchor=(1, 0.5),
                frameon=False,
                markerscale=2,
            )
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _shade(self, ax: Axes) -> PolyCollection:
        """Shade each run of voiced frames."""
        step = self.times[1] if len(self.times) > 1 else 0.01
        voiced = np.concatenate([[False], ~np.isnan(self.f0), [False]])
        starts, stops = np.flatnonzero(voiced[1:] != voiced[:-1]).reshape(-1, 2).T
        return ax.broken_barh(
            [*zip((starts - 0.5) * step, (stops - starts) * step, strict=True)],
            (0, 1),
            transform=ax.get_xaxis_transform(),
            color="C0",
            alpha=0.15,
            linewidth=0,
            label="voiced",
            zorder=2,
        )
