"""The sections of the page, as plain values for the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skser.displays import CorpusDisplay, HistoryDisplay
from skser.metrics import EmotionReport, compare_protocols
from skser.report._clips import Clip, make_clip
from skser.report._evaluation import Evaluation
from skser.report._listening import Listening, listen
from skser.report._svg import draw, draw_each

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CLIPS_A_PAIR = 2
_NAMES_SHOWN = 10
_VALUES_DRAWN = 12
"""Number of classes above which numbers in the cells of the confusion matrix would overlap."""


@dataclass(frozen=True, kw_only=True)
class CorpusSection:
    """Contents and faults of a corpus."""

    facts: dict[str, Any]
    faults: list[tuple[str, int, str]]
    pictures: list[Markup]
    has_frame: bool
    n_speakers: int
    n_clips: int


def corpus_section(
    corpus: Bunch, described: pd.DataFrame, has_frame: bool, names: list[str]
) -> CorpusSection:
    """Describe the corpus and its faults, with each clip by its name in the page."""
    value = described["value"]
    facts = {**value["corpus"], "imbalance": value["class", "imbalance"], **value["duration"]}
    faults = [
        (str(name), int(row["value"]), _concerned(names, str(name), row["which"]))
        for name, row in described.loc["faults"].iterrows()
        if row["value"]
    ]
    return CorpusSection(
        facts={name: _fact(name, fact) for name, fact in facts.items()},
        faults=faults,
        pictures=_pictures(corpus.frame),
        has_frame=has_frame,
        n_speakers=n_speakers(corpus),
        n_clips=len(corpus.target),
    )


def _fact(name: str, value: Any) -> str:
    if isinstance(value, float):
        seconds = " s" if name in ("shortest", "median", "longest") else ""
        return "unknown" if np.isnan(value) else f"{value:g}{seconds}"
    return str(value)


def _concerned(names: list[str], fault: str, which: tuple[Any, ...]) -> str:
    """Name the clips, or speakers, that have a fault."""
    if fault.startswith("speakers"):
        concerned = [str(speaker) for speaker in which]
    else:
        concerned = [
            " = ".join(names[i] for i in (w if isinstance(w, tuple) else (w,))) for w in which
        ]
    rest = len(concerned) - _NAMES_SHOWN
    return ", ".join(concerned[:_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _pictures(frame: pd.DataFrame) -> list[Markup]:
    """Draw what is known about the clips, in separate figures, which a phone stacks."""
    display = CorpusDisplay(frame)

    names = [f"corpus-{name}" for name in display.panels]
    descriptions = [f"Clips by {name}" for name in display.panels]
    return draw_each(display.plot, names, descriptions, (4.2, 2.6)) if names else []


def speakers_shown(results: EmotionReport) -> list[dict[Any, Any]]:
    """Return a row of scores for each speaker, if they are shown in place of an interval."""
    if results.speakers is None or results.uar_interval is not None:
        return []
    return results.speakers.reset_index(names="name").to_dict("records")


@dataclass(frozen=True, kw_only=True)
class PeopleSection:
    """Scores of speakers and sexes, and the gaps between them."""

    gaps: list[dict[Any, Any]]
    sexes: list[dict[Any, Any]]
    speakers: list[dict[Any, Any]]


def people_section(results: EmotionReport, corpus: Bunch, seed: Any) -> PeopleSection | None:
    """Score each speaker and, where they are known, the sexes; None if nobody is known."""
    sex = corpus.frame.get("sex", pd.Series(np.full(len(corpus.target), None)))
    knows_sex = bool(sex.notna().any())
    if corpus.groups is None and not knows_sex:
        return None
    gaps = results.gaps({"sex": sex} if knows_sex else None, random_state=seed)
    return PeopleSection(
        gaps=gaps.reset_index().to_dict("records"),
        sexes=_scores(results, sex) if knows_sex else [],
        speakers=[] if corpus.groups is None else _scores(results, corpus.groups),
    )


def _scores(results: EmotionReport, values: Any) -> list[dict[Any, Any]]:
    return results.by_group(values, "name").reset_index().to_dict("records")


def matrix(results: EmotionReport) -> Markup:
    """Draw the confusion matrix."""
    n_classes = len(results.confusion)

    def plot(ax: Axes) -> None:
        style = {"interpolation": "none", "vmin": 0, "vmax": 1}
        results.plot(ax, colorbar=False, include_values=n_classes <= _VALUES_DRAWN, im_kw=style)
        ax.set_title("share of each true class")

    side = max(3.6, 1.4 + 0.42 * n_classes)
    return draw(plot, "confusion", "Confusion matrix", (side + 0.4, side))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two classes, one of which is taken for the other."""

    true: str
    predicted: str
    count: int
    share: float
    clips: list[Clip]
    listening: Listening | None
    """Map of the first clip; None if maps were not asked for."""


def pair_sections(
    results: EmotionReport,
    corpus: Bunch,
    predicted: NDArray[Any],
    places: NDArray[np.intp],
    names: list[str],
    n_pairs: int,
    evaluation: Evaluation | None,
) -> list[Pair]:
    """Choose clips of the most confused pairs; without an evaluation there are no maps."""
    pairs = []
    for number, pair in enumerate(results.pairs.head(n_pairs).to_dict("records")):
        of_pair = np.flatnonzero((corpus.target == pair["true"]) & (predicted == pair["predicted"]))
        chosen = _of_several_speakers(of_pair, corpus.groups)
        first = chosen[0]
        clips = [
            make_clip(
                corpus.data[i],
                int(places[i]),
                None if corpus.groups is None else corpus.groups[i],
                names[places[i]],
                f"clip-{number}-{k}",
            )
            for k, i in enumerate(chosen)
        ]
        pairs.append(
            Pair(
                true=str(pair["true"]),
                predicted=str(pair["predicted"]),
                count=pair["count"],
                share=pair["share"],
                clips=clips,
                listening=None
                if evaluation is None
                else listen(corpus, evaluation, first, names[places[first]], f"map-{number}"),
            )
        )
    return pairs


def reason_for_no_maps(pairs: list[Pair]) -> str:
    """Return the reason why no pair has a map, if it is the same for all; else nothing."""
    reasons = {pair.listening.reason for pair in pairs if pair.listening}
    return reasons.pop() if len(reasons) == 1 else ""


def _of_several_speakers(places: NDArray[np.intp], groups: Any) -> list[int]:
    """Choose a few of the clips, of as many speakers as possible."""
    if groups is None:
        return places[:_CLIPS_A_PAIR].tolist()
    turn = pd.Series(groups[places].astype(str)).groupby(groups[places].astype(str)).cumcount()
    return places[np.argsort(turn.to_numpy(), kind="stable")][:_CLIPS_A_PAIR].tolist()


@dataclass(frozen=True, kw_only=True)
class LearningSection:
    """Learning curves of a network."""

    pictures: list[Markup]
    of: str
    has_validation: bool


def learning_section(estimator: Any, evaluation: Evaluation) -> LearningSection | None:
    """Draw the history of the fitted network, or of the first fold's; None without a network."""
    candidates = {"the pipeline as it was fitted": estimator, "the first fold": evaluation.first}
    for of, candidate in candidates.items():
        try:
            display = HistoryDisplay.from_estimator(candidate)
        # Not fitted, or without a network.
        except ValueError:
            continue
        names = ["learning-loss", "learning-accuracy"]
        descriptions = [f"Loss of {of} over the epochs", f"Accuracy of {of} over the epochs"]
        return LearningSection(
            pictures=draw_each(display.plot, names, descriptions, (4.2, 2.8)),
            of=of,
            has_validation="val_loss" in display.history,
        )
    return None


@dataclass(frozen=True, kw_only=True)
class ProtocolsSection:
    """Scores of the same pipeline under several kinds of split."""

    rows: list[dict[str, Any]]
    reason: str
    """Why there are no rows; else empty."""
    knows_speakers: bool = False
    """Whether there is a row of speakers who are enrolled."""


def protocols_section(
    pipeline: Any, corpus: Bunch, n_folds: int, n_jobs: int | None, seed: Any
) -> ProtocolsSection:
    if n_speakers(corpus) < 2:
        return ProtocolsSection(
            rows=[],
            reason="The speakers are not known, or there is only one, so there is no "
            "speaker-disjoint split to compare with.",
        )
    table = compare_protocols(pipeline, corpus, cv=n_folds, n_jobs=n_jobs, random_state=seed)
    # Where a split could not be made there is no bar.
    table["share"] = (100 * table["uar"].fillna(0)).round().astype(int)
    return ProtocolsSection(
        rows=table.reset_index().to_dict("records"),
        reason="",
        knows_speakers=bool(table["n_enrolled"].any()),
    )


def n_speakers(corpus: Bunch) -> int:
    """Count the speakers; 0 where they are not known."""
    return 0 if corpus.groups is None else len(np.unique(corpus.groups.astype(str)))
