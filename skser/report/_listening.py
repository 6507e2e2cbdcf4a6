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
from skser.report._clips import name_of, without_folder
from skser.report._evaluation import Evaluation
from skser.report._svg import draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_WINDOWS, _N_BANDS = 14, 6
"""Windows that a sound is cut into at most, and bands: each patch costs a prediction."""

_SHORTEST = 0.25
"""Seconds of a window."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A map of one clip; one that cannot be made has a reason instead of a picture."""

    clip: str
    picture: Markup | None = None
    reason: str = ""


def listen(corpus: Bunch, evaluation: Evaluation, clip: int, place: int, name: str) -> Listening:
    """Hide each patch of a clip from the pipeline that was trained without it.

    The page is worth more than the map: whatever goes wrong becomes the reason why there is none.

    Parameters
    ----------
    corpus : Bunch
        The clips that were evaluated.
    evaluation : Evaluation
    clip : int
        Place among these clips.
    place : int
        Place in the whole corpus.
    name : str
        Of the figure in the page.

    Returns
    -------
    listening : Listening
    """
    item, estimator = corpus.data[clip], evaluation.without(clip)
    title = name_of(item, place)
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
            f"What {relevance.label} was heard in: waveform and spectrogram of {title}",
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
            "There is no map, because what is predicted of this clip depends on the other clips of "
            "its speaker."
        )
    return ""


def _one_above_the_other(ax: Axes) -> list[Axes]:
    """Put two axes in the place of one."""
    figure: Any = ax.figure
    ax.remove()
    return list(figure.subplots(2, height_ratios=(1, 2.6)))
