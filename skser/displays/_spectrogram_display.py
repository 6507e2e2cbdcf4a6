from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval, validate_params
from skser._text import draw_as_written
from skser.analysis import Analysis, AnalysisPlan
from skser.analysis._mel_filters import mel_frequencies
from skser.audio._items import Item, title_of
from skser.audio._load import load_clip
from skser.displays._base import Display
from skser.features._base import PLAN_CONSTRAINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_TICKS = (256, 512, 1024, 2048, 4096, 8192, 16384)
"""Ticks of the vertical axis in Hz."""

_FLOOR, _DEPTH = -100.0, 80.0
"""Level of silence, and range from the loudest band to the darkest colour, both in dB."""


class SpectrogramDisplay(Display):
    """Plot of the mel spectrogram of a clip in dB.

    It is recommended to use `from_item` to create a display.

    Parameters
    ----------
    decibels : ndarray of shape (n_mels, n_frames)
        Power in each mel band, the lowest first, in dB.
    frequencies : ndarray of shape (n_mels,)
        Centre of each band in Hz.
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
    image_ : matplotlib AxesImage
        Image of the spectrogram, after `plot`.
    colorbar_ : matplotlib Colorbar or None
        Colour bar, after `plot`.

    See Also
    --------
    PitchDisplay : Plot pitch and formants.
    WaveformDisplay : Plot the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, SpectrogramDisplay
    >>> tone = Audio(np.sin(2 * np.pi * 440 * np.arange(22050) / 22050), sr=22050)
    >>> display = SpectrogramDisplay.from_item(tone, n_mels=40)
    >>> display.decibels.shape
    (40, 44)
    >>> display.plot().ax_.get_ylabel()
    'frequency (Hz, mel scale)'
    """

    ax_: Axes
    figure_: Figure
    image_: AxesImage
    colorbar_: Colorbar | None

    def __init__(
        self,
        decibels: NDArray[np.float32],
        frequencies: NDArray[np.floating],
        times: NDArray[np.floating],
        *,
        title: str | None = None,
    ) -> None:
        self.decibels = decibels
        self.frequencies = frequencies
        self.times = times
        self.title = title

    @classmethod
    @validate_params(
        {
            **{name: PLAN_CONSTRAINTS[name] for name in ("sr", "n_fft", "hop_length", "window")},
            "n_mels": [Interval(Integral, 1, None, closed="left")],
            "fmin": [Interval(Real, 0, None, closed="left")],
            "fmax": [Interval(Real, 0, None, closed="neither"), None],
        },
        prefer_skip_nested_validation=True,
    )
    def from_item(
        cls,
        item: Item,
        *,
        sr: float = 22050,
        n_fft: int = 2048,
        hop_length: int = 512,
        window: str | tuple[Any, ...] = "hann",
        n_mels: int = 128,
        fmin: float = 0.0,
        fmax: float | None = None,
    ) -> Self:
        """Create a display of a clip, analysed as by `Mel` and `MFCC`.

        Parameters
        ----------
        item : path, Segment, Audio or ndarray of shape (n_samples,)
            Clip to draw.
        sr : float, default=22050
            Sample rate in Hz to which the clip is resampled; also the sample rate of a clip that is
            an array.
        n_fft, hop_length : int, default=2048, 512
            Length and hop of the frames in samples.
        window : str or tuple, default="hann"
            Window of a frame, as for `scipy.signal.get_window`.
        n_mels : int, default=128
            Number of bands.
        fmin, fmax : float, default=0.0, None
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency ``sr / 2``
            is used.

        Returns
        -------
        display : SpectrogramDisplay
            Display with a dynamic range of at most 80 dB.

        Raises
        ------
        AudioError
            If the clip cannot be read.
        """
        plan = AnalysisPlan(sr, n_fft, hop_length, window)
        analysis = Analysis(load_clip(item, sr), plan)
        # The edges of the bands are equally spaced in mel, too; the centres lie between them.
        edges = mel_frequencies(n_mels + 2, fmin=fmin, fmax=sr / 2 if fmax is None else fmax)
        return cls(
            analysis.log_mel(n_mels, fmin, fmax).T,
            edges[1:-1],
            np.arange(analysis.n_frames) * hop_length / sr,
            title=title_of(item),
        )

    def plot(self, ax: Axes | None = None, *, colorbar: bool = True, **kwargs: Any) -> Self:
        """Draw the spectrogram.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        colorbar : bool, default=True
            Whether to draw a colour bar in dB next to the spectrogram.
        **kwargs
            Further arguments of `matplotlib.axes.Axes.imshow`: ``cmap``, ``vmin``, ...

        Returns
        -------
        display : SpectrogramDisplay
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(8, 4), layout="constrained")
        n_mels, n_frames = self.decibels.shape
        step = self.times[1] - self.times[0] if n_frames > 1 else 1.0
        loudest = max(float(self.decibels.max()), _FLOOR + _DEPTH)
        style: dict[str, Any] = {
            "vmin": loudest - _DEPTH,
            "vmax": loudest,
            "origin": "lower",
            "aspect": "auto",
            "cmap": "magma",
            "extent": (-step / 2, self.times[-1] + step / 2, -0.5, n_mels - 0.5),
        }
        self.image_ = ax.imshow(self.decibels, **(style | kwargs))
        # Bands are equally spaced on the mel scale, so a row is a band.
        ticks = [f for f in _TICKS if self.frequencies[0] <= f <= self.frequencies[-1]]
        rows = np.interp(ticks, self.frequencies, np.arange(n_mels))
        ax.set_yticks(rows, [str(tick) for tick in ticks])
        ax.set(xlabel="time (s)", ylabel="frequency (Hz, mel scale)", title=self.title)
        draw_as_written([ax.title])
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = ax.figure.colorbar(self.image_, ax=ax, label="power (dB)")
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
