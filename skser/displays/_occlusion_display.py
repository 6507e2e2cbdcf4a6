from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser._text import draw_as_written
from skser.audio._items import Item, title_of
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
"""Bands of the spectrogram beneath the map."""

_SECONDS = 0.03
"""About the length of its frames."""

_FINE = 99.0
"""Percentile of the pixels of a saliency map that has the strongest colour."""

_OPAQUE = 0.85
"""How much of the spectrogram the strongest patch covers."""


class OcclusionDisplay:
    """What a model listens to in a clip: a map over the spectrogram, and the waveform above.

    It is recommended to use `from_estimator`.

    Parameters
    ----------
    relevance : RelevanceMap
        As `occlusion` or `saliency` returns it.
    title : str, default=None
        Name of the clip.

    Attributes
    ----------
    ax_ : ndarray of two matplotlib Axes
        That of the waveform and that of the map, after `plot`.
    figure_ : matplotlib Figure
        After `plot`.
    image_ : matplotlib AxesImage
        The map, after `plot`.
    colorbar_ : matplotlib Colorbar or None
        After `plot`.

    See Also
    --------
    occlusion : Makes the map for any model.
    saliency : Makes it from the gradients of a network.

    Notes
    -----
    The spectrogram is grey. A patch is red if it speaks for the class, so that probability is lost
    without it, and blue if it speaks against; the stronger, the less of the spectrogram is seen.
    Where no patch, or not all pixels of `saliency` together, change a probability by 0.02, colours
    are as pale as that, and the title says so.
    Where windows overlap, a point has the colour of the window whose middle is nearest.

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
        """Hide each patch of a clip from a model, and make the display of what that changes.

        Parameters
        ----------
        estimator : classifier
            Fitted, takes clips, as for `occlusion`.
        clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
            The clip.
        **parameters
            For `occlusion`: ``label``, ``window``, ``n_bands``, ...

        Returns
        -------
        display : OcclusionDisplay

        Raises
        ------
        AudioError
            If the clip cannot be read, is silent, or is shorter than a window.
        ValueError
            If the estimator has no scores, or a parameter does not fit, as in `occlusion`.
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
        """Draw the waveform, and below it the map over the spectrogram.

        Parameters
        ----------
        ax : array-like of two matplotlib Axes, default=None
            Where to draw; None: a new figure.
        colorbar : bool, default=True
            Draw the scale beside the map.
        cmap : str, default="RdBu_r"
            Name of a colour map that diverges from 0 in its middle.
        vmax : float, default=None
            Value that has the strongest colour, and its negative the other one. None: the largest,
            of probabilities 0.02 at least; of the many pixels of `saliency`, that which 1 % of them
            exceed.

        Returns
        -------
        display : OcclusionDisplay

        Raises
        ------
        ValueError
            If `ax` does not hold two Axes.
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
            # A few of many pixels would leave all others pale.
            vmax = float(np.percentile(strength, _FINE) if is_fine else strength.max())
            if self.relevance._is_faint:
                # The strongest patch of a map of nothing would have the strongest colour.
                vmax *= FAINT / self.relevance._reach() if vmax else 0
            vmax = vmax or 1.0
        scale = ScalarMappable(Normalize(-vmax, vmax), cmap)
        values = self._on(spectrogram)
        # As colours: not every file format keeps an image's opacity apart from them.
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
        """Return the value at each pixel of a spectrogram."""
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
            f"ax holds {len(axes)} Axes, but OcclusionDisplay draws on two, waveform and map: pass "
            "those of plt.subplots(2)."
        )
    return axes


def _spectrogram(relevance: RelevanceMap) -> SpectrogramDisplay:
    """Return the spectrogram of the sound, of the frequencies that the map has."""
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
    """Return for each point the number of the place that is nearest."""
    return np.searchsorted((places[1:] + places[:-1]) / 2, points, side="right")
