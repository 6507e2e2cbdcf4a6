"""Where in a clip a pipeline heard the wrong class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sklearn.utils import Bunch

from skser.compose._speakers_inside import is_transductive
from skser.displays import OcclusionDisplay
from skser.inspection import occlusion
from skser.inspection._occlusion import hiding_in
from skser.inspection._relevance_map import FAINT
from skser.report._clips import without_folder
from skser.report._evaluation import Evaluation
from skser.report._svg import draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_WINDOWS, _N_BANDS = 14, 6
"""Maximum number of windows, and number of bands; each patch costs a prediction."""

_SHORTEST = 0.25
"""Shortest window in seconds."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A map of one clip, or the reason why there is none."""

    clip: str
    picture: Markup | None = None
    reason: str = ""


def listen(corpus: Bunch, evaluation: Evaluation, clip: int, title: str, name: str) -> Listening:
    """Hide each patch of a clip from the pipeline that was trained without it.

    A map that fails does not stop the report: the error becomes the reason why there is no map.

    Parameters
    ----------
    corpus : Bunch
        The clips that were evaluated.
    evaluation : Evaluation
    clip : int
        Place among these clips.
    title : str
        Name of the clip in the page.
    name : str
        Name of the figure in the page.

    Returns
    -------
    listening : Listening
    """
    item, estimator = corpus.data[clip], evaluation.without(clip)
    reason = _reason_for_none(estimator, item)
    if reason:
        return Listening(clip=title, reason=reason)
    try:
        # What windows are cut from may be longer than the clip, by padding, or shorter.
        sound = hiding_in(estimator, item, n_bands=_N_BANDS).sound
        window = max(_SHORTEST, len(sound.y) / sound.sr / _N_WINDOWS)
        relevance = occlusion(
            estimator,
            item,
            label=evaluation.predicted[clip],
            window=window,
            hop=window,
            n_bands=_N_BANDS,
        )
        if relevance._is_faint:
            return Listening(
                clip=title,
                reason=f"There is no map, because no part of the clip changes the probability of "
                f"{relevance.label} by {FAINT} or more.",
            )
        display = OcclusionDisplay(relevance)
        picture = draw(
            lambda ax: display.plot(_one_above_the_other(ax)),
            name,
            f"Where {relevance.label} was heard: waveform and spectrogram of {title}",
            (4.2, 3.4),
        )
    except Exception as error:
        return Listening(clip=title, reason=f"There is no map: {without_folder(str(error), item)}")
    return Listening(clip=title, picture=picture)


def _reason_for_none(estimator: Any, item: Any) -> str:
    if not hasattr(estimator, "predict_proba"):
        return "There is no map, because the pipeline gives no probabilities (predict_proba)."
    if is_transductive(estimator, [item]):
        return (
            "There is no map, because the prediction for this clip depends on the other clips of "
            "its speaker."
        )
    return ""


def _one_above_the_other(ax: Axes) -> list[Axes]:
    """Put two axes in the place of one."""
    figure: Any = ax.figure
    ax.remove()
    return list(figure.subplots(2, height_ratios=(1, 2.6)))
