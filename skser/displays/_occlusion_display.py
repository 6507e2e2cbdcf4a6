from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._text import draw_as_written
from skser.audio._items import Item, title_of
from skser.displays._base import Display
from skser.displays._spectrogram_display import SpectrogramDisplay
from skser.displays._waveform_display import WaveformDisplay
from skser.inspection import RelevanceMap, occlusion
from skser.inspection._relevance_map import FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_N_MELS = 96
"""Number of bands of the spectrogram under the map."""

_SECONDS = 0.03
"""Approximate length of its frames in seconds."""

_FINE = 99.0
"""Percentile of a saliency map's pixels that gets the strongest colour."""

_OPAQUE = 0.85
"""Opacity of the strongest patch."""


class OcclusionDisplay(Display):
    """Plot of what a model listens to in a clip: a map over the spectrogram, below the waveform.

    It is recommended to use `from_estimator` to create a display.

    Parameters
    ----------
    relevance : RelevanceMap
        Map, as returned by `occlusion` or `saliency`.
    title : str, default=None
        Name of the clip.

    Attributes
    ----------
    ax_ : ndarray of two matplotlib Axes
        Axes of the waveform and of the map, after `plot`.
    figure_ : matplotlib Figure
        Figure of the plot, after `plot`.
    image_ : matplotlib AxesImage
        Image of the map, after `plot`.
    colorbar_ : matplotlib Colorbar or None
        Colour bar, after `plot`.

    See Also
    --------
    occlusion : Compute the map for any model.
    saliency : Compute the map from the gradients of a network.

    Notes
    -----
    The spectrogram is grey. A patch is red if it speaks for the class, so that its probability
    drops without the patch, and blue if it speaks against the class. Stronger patches are more
    opaque. If no patch (for `saliency`, all pixels together) changes a probability by 0.02, the
    colours are correspondingly pale, and the title says so. Where windows overlap, a point has the
    colour of the window whose centre is nearest.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import MFCC, OcclusionDisplay, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> pipeline = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    >>> pipeline = pipeline.fit(speech.data, speech.target)
    >>> display = OcclusionDisplay.from_estimator(pipeline, speech.data[0], window=0.5, n_bands=4)
    >>> display.plot().ax_[1].get_ylabel()
    'frequency (Hz, mel scale)'
    """

    ax_: NDArray[np.object_]
    figure_: Figure
    image_: AxesImage
    colorbar_: Colorbar | None

    def __init__(self, relevance: RelevanceMap, *, title: str | None = None) -> None:
        self.relevance = relevance
        self.title = title

    @classmethod
    def from_estimator(cls, estimator: Any, clip: Item, **parameters: Any) -> Self:
        """Hide each patch of a clip from a model, and create a display of the effect.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier that takes clips, as for `occlusion`.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
            Clip to draw.
        **parameters
            Further arguments of `occlusion`: ``label``, ``window``, ``n_bands``, ...

        Returns
        -------
        display : OcclusionDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read, is silent, or is shorter than a window.
        ValueError
            If the estimator has neither probabilities nor decision values, or a parameter is
            invalid, as for `occlusion`.
        """
        return cls(occlusion(estimator, clip, **parameters), title=title_of(clip))

    def plot(
        self,
        ax: Iterable[Axes] | None = None,
        *,
        colorbar: bool = True,
        cmap: str = "RdBu_r",
        vmax: float | None = None,
    ) -> Self:
        """Draw the waveform and, below it, the map over the spectrogram.

        Parameters
        ----------
        ax : array-like of two matplotlib Axes, default=None
            Axes to draw on. If None, a new figure and axes are created.
        colorbar : bool, default=True
            Whether to draw a colour bar next to the map.
        cmap : str, default="RdBu_r"
            Name of a diverging colour map, whose middle stands for 0.
        vmax : float, default=None
            Absolute value that gets the strongest colours. If None, the largest value is used, or
            0.02 if the scores are probabilities and the largest value is smaller; for the many
            pixels of `saliency`, the value that 1 % of them exceed is used.

        Returns
        -------
        display : OcclusionDisplay

        Raises
        ------
        ValueError
            If `ax` does not contain two Axes.
        """
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        axes = _two_axes(ax)
        above, below = axes
        sound = self.relevance.sound
        WaveformDisplay(np.asarray(sound.y), sound.sr).plot(above, color="0.45")
        spectrogram = _spectrogram(self.relevance)
        spectrogram.plot(below, colorbar=False, cmap="gray_r", interpolation="none")
        strength = np.abs(self.relevance.values)
        is_fine = self.relevance.method == "saliency"
        if vmax is None:
            # The maximum of a few pixels would leave all others pale.
            vmax = float(np.percentile(strength, _FINE) if is_fine else strength.max())
            if self.relevance._is_faint:
                # Otherwise the strongest patch of an empty map would have the strongest colour.
                vmax *= FAINT / self.relevance._reach() if vmax else 0
            vmax = vmax or 1.0
        scale = ScalarMappable(Normalize(-vmax, vmax), cmap)
        values = self._on(spectrogram)
        # RGBA colours are needed because not every file format supports a separate opacity.
        colours = scale.to_rgba(values)
        colours[..., 3] = _OPAQUE * np.clip(np.abs(values) / vmax, 0, 1)
        self.image_ = below.imshow(
            colours,
            extent=spectrogram.image_.get_extent(),
            origin="lower",
            aspect="auto",
            interpolation="none",
        )
        duration = len(sound.y) / sound.sr
        above.set(title=self._heading(), xlabel="", ylabel="amplitude", xlim=(0, duration))
        draw_as_written([above.title])
        above.tick_params(labelbottom=False)
        below.set(title="", xlim=(0, duration))
        self.colorbar_ = None
        if colorbar:
            extend = "both" if is_fine else "neither"
            self.colorbar_ = below.figure.colorbar(
                scale, ax=below, label=self._scale(), extend=extend
            )
            draw_as_written([self.colorbar_.ax.yaxis.label])
        self.ax_, self.figure_ = axes, below.figure
        return self

    def _on(self, spectrogram: SpectrogramDisplay) -> NDArray[np.float64]:
        """Return the value of the map at each pixel of a spectrogram."""
        relevance = self.relevance
        columns = _nearest(relevance.times, spectrogram.times)
        tops = relevance.bands[:-1, 1]
        rows = np.searchsorted(tops, spectrogram.frequencies, side="right")
        return relevance.values[np.ix_(rows, columns)]

    def _heading(self) -> str:
        relevance = self.relevance
        share = "P = {:.2f}" if relevance.measure == "probability" else "{:.2f}"
        heard = f"{relevance.predicted} ({share.format(relevance.predicted_score)})"
        text = f"heard as {heard}"
        if relevance.label != relevance.predicted:
            text = f"for {relevance.label} ({share.format(relevance.score)}); {text}"
        if relevance._is_faint:
            is_fine = relevance.method == "saliency"
            what = "all pixels together do not change" if is_fine else "no patch changes"
            text = f"{text}\n{what} P({relevance.label}) by {FAINT} or more"
        return text if self.title is None else f"{self.title}\n{text}"

    def _scale(self) -> str:
        relevance = self.relevance
        if relevance.measure == "decision":
            what = f"decision value of {relevance.label}"
        else:
            what = f"P({relevance.label})"
        verb = "lost when hidden" if relevance.method == "occlusion" else "due to the pixel"
        return f"{what} {verb}"


def _two_axes(ax: Any) -> NDArray[np.object_]:
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(
            2, figsize=(9, 5), sharex=True, layout="constrained", height_ratios=(1, 2.6)
        )
    axes = np.ravel(np.asarray(ax, dtype=object))
    if len(axes) != 2:
        raise ValueError(
            f"ax contains {len(axes)} Axes, but OcclusionDisplay draws on two, for waveform and "
            "map. Pass those of plt.subplots(2)."
        )
    return axes


def _spectrogram(relevance: RelevanceMap) -> SpectrogramDisplay:
    """Return the spectrogram of the sound, for the frequency range of the map."""
    sound = relevance.sound
    n_fft = 2 ** round(np.log2(_SECONDS * sound.sr))
    return SpectrogramDisplay.from_item(
        sound,
        sr=sound.sr,
        n_fft=n_fft,
        hop_length=n_fft // 4,
        n_mels=_N_MELS,
        fmin=float(relevance.bands.min()),
        fmax=min(float(relevance.bands.max()), sound.sr / 2),
    )


def _nearest(places: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the index of the nearest place for each point."""
    return np.searchsorted((places[1:] + places[:-1]) / 2, points, side="right")
