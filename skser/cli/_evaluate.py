from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch

from skser._text import counted, visible
from skser.cli._checks import (
    check_scorable,
    check_test_speakers,
    say_how_test_differs,
    say_what_no_training_has,
)
from skser.cli._corpora import open_corpus
from skser.cli._options import OnError, Recipe, Source
from skser.cli._output import print_json, say, show
from skser.cli._pipelines import (
    extract_once,
    kept_features,
    recognizer_to_score,
    say_what_is_missing,
)
from skser.cli._tables import apart_from, check_table, columns_of, own_columns, write_table
from skser.compose._speaker_calibrated_classifier import SpeakerCalibratedClassifier
from skser.compose._speakers_inside import clips_for, is_transductive, normalizers_in
from skser.metrics import EmotionReport
from skser.metrics._compare_protocols import protocol_table
from skser.metrics._emotion_report import FEW_SPEAKERS
from skser.report._evaluation import Evaluation, evaluate as predict_each_clip

_FOLDS = 5

_MOST_SPEAKERS = 40
"""Maximum number of speakers to print; of more, only the worst and the best are printed."""


def evaluate(
    source: Source,
    recipe: Recipe,
    folds: int | None,
    test_speakers: Sequence[str] | None,
    predictions: Path | None,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Print the scores of a pipeline on new speakers and under each protocol."""
    if test_speakers is not None and folds is not None:
        raise ValueError(
            "--test-speakers defines a single split, so --folds cannot be used. Omit one of them."
        )
    if predictions is not None:
        check_table(predictions)
    corpus = open_corpus(source, with_speakers=True)
    n_folds = _FOLDS if folds is None else folds
    if test_speakers is None:
        n_folds = check_scorable(corpus, n_folds)
    else:
        check_test_speakers(corpus, test_speakers)
    pipeline = recognizer_to_score(recipe)
    params = _calibrated(pipeline, corpus, recipe) if predictions is not None else None
    table = None
    with kept_features(memory) as folder:
        usable = extract_once(pipeline, corpus, folder, n_jobs=n_jobs, on_error=on_error)
        cv: Any = n_folds
        if test_speakers is not None:
            is_test = check_test_speakers(usable, test_speakers)
            say_how_test_differs(usable, is_test)
            cv = [(np.flatnonzero(~is_test), np.flatnonzero(is_test))]
        elif usable is not corpus:
            cv = check_scorable(usable, n_folds)
        say_what_is_missing(pipeline, recipe)
        corpus = Bunch(**usable | {"data": clips_for(pipeline, usable.data, usable.groups)})
        say(
            "Training on the clips of the other speakers"
            if test_speakers is not None
            else f"Training a recogniser for each of {cv} folds and each way to split"
        )
        evaluation = predict_each_clip(
            pipeline,
            corpus,
            cv,
            n_jobs,
            recipe.random_state,
            params=None if params is None else {params: corpus.groups},
            with_probabilities=predictions is not None and hasattr(pipeline, "predict_proba"),
            each_once=test_speakers is None,
        )
        if test_speakers is None:
            known = None if any(normalizers_in(pipeline)) else evaluation.fold_uars
            table = protocol_table(
                pipeline,
                corpus,
                cv=cv,
                n_jobs=n_jobs,
                random_state=recipe.random_state,
                speaker_disjoint=known,
            )
    tested = evaluation.tested
    results = EmotionReport.from_predictions(
        corpus.target[tested],
        evaluation.predicted,
        corpus.groups[tested],
        transductive=is_transductive(evaluation.first, corpus.data[tested]),
    )
    if test_speakers is None:
        for fold in range(len(evaluation.fitted)):
            say_what_no_training_has(corpus, evaluation.fold == fold)
    of_folds = _each_fold(corpus, evaluation)
    chance = 1 / len(set(corpus.target))
    if json:
        print_json(_as_dict(results, of_folds, table, chance))
    else:
        _show(results, of_folds, table, chance)
    if predictions is not None:
        # The table is written last, so that the scores are not lost if this fails.
        write_table(prediction_table(corpus, evaluation), predictions)
        say(f"{predictions}: {counted(len(tested), 'clip')}")


def _calibrated(pipeline: Any, corpus: Bunch, recipe: Recipe) -> str | None:
    """Add probabilities to a pipeline without them; return the fit parameter for speakers."""
    if hasattr(pipeline, "predict_proba") or not isinstance(pipeline, Pipeline):
        return None
    name, classifier = pipeline.steps[-1]
    calibrated = SpeakerCalibratedClassifier(classifier, random_state=recipe.random_state)
    pipeline.set_params(**{name: calibrated})
    return f"{name}__groups"


def prediction_table(corpus: Bunch, evaluation: Evaluation) -> pd.DataFrame:
    """Return a table with one row for each test clip.

    Parameters
    ----------
    corpus : Bunch
        Evaluated corpus.
    evaluation : Evaluation
        Predictions for the corpus.

    Returns
    -------
    table : pandas.DataFrame
        File, start and end of the clip in it, speaker, fold (from 1), true and predicted label,
        probability of each class, and the other columns of the corpus. A column of the corpus with
        one of these names is renamed, for example to "fold (table)".
    """
    frame = corpus.frame.iloc[evaluation.tested].reset_index(drop=True)
    columns: dict[str, Any] = columns_of(frame, ("path", "start", "end"))
    columns["speaker"] = corpus.groups[evaluation.tested]
    columns["fold"] = evaluation.fold + 1
    columns["true"] = corpus.target[evaluation.tested]
    columns["predicted"] = evaluation.predicted
    if evaluation.probabilities is not None:
        classes = np.unique(corpus.target)
        columns |= {
            f"p_{name}": share
            for name, share in zip(classes, evaluation.probabilities.T, strict=True)
        }
    shown = {"path", "start", "end", "speaker", "emotion"}
    if "label" in frame and frame["label"].equals(frame["emotion"]):
        shown.add("label")
    return pd.DataFrame(columns | apart_from(own_columns(frame, but=shown), columns))


def _each_fold(corpus: Bunch, evaluation: Evaluation) -> list[dict[str, Any]]:
    speakers = corpus.groups[evaluation.tested]
    return [
        {
            "fold": fold + 1,
            "uar": uar,
            "n_clips": int((evaluation.fold == fold).sum()),
            "speakers": sorted(set(speakers[evaluation.fold == fold]), key=str),
        }
        for fold, uar in enumerate(evaluation.fold_uars)
    ]


def _as_dict(
    results: EmotionReport,
    of_folds: list[dict[str, Any]],
    table: pd.DataFrame | None,
    chance: float,
) -> dict[str, Any]:
    assert results.speakers is not None
    scores: dict[str, Any] = {
        "chance": chance,
        "uar": results.uar,
        "uar_is": "pooled over all tested clips",
        "interval": results.uar_interval,
        "confidence_level": results.confidence_level,
        "interval_covers": results.covers,
        "transductive": results.transductive,
        "accuracy": results.accuracy,
        "classes": results.ranking.reset_index(names="class").to_dict("records"),
        "speakers": results.speakers.reset_index(names="speaker").to_dict("records"),
        "folds": of_folds,
    }
    if table is not None:
        scores["protocols"] = table.to_dict("index")
        scores["protocols_are"] = "mean over folds"
    return scores


def _show(
    results: EmotionReport,
    of_folds: list[dict[str, Any]],
    table: pd.DataFrame | None,
    chance: float,
) -> None:
    assert results.speakers is not None
    show(f"UAR {results.uar:.3f} on new speakers{_how_sure(results)}")
    show(f"accuracy {results.accuracy:.3f}, UAR by chance {chance:.3f}")
    n_clips = int(results.confusion.to_numpy().sum())
    if table is None:
        show(f"{n_clips} clips of the speakers in --test-speakers, which training excluded.")
    else:
        show(
            f"Pooled over all {n_clips} clips: each was predicted in the fold whose training "
            "excludes its speaker."
        )
    if results.transductive:
        show("Transductive: the test clips of a speaker took part in predicting each of them.")

    show("")
    show(_row(["emotion", "recall", "clips", "mostly taken for"]))
    for name, row in results.ranking.iterrows():
        taken = "" if pd.isna(row["taken_for"]) else visible(str(row["taken_for"]))
        show(_row([name, f"{row['recall']:.3f}", f"{row['support']:.0f}", taken]))

    speakers = results.speakers
    show("")
    show(_row(["speaker", "UAR", "clips", ""]))
    half = _MOST_SPEAKERS // 2
    shown = (
        speakers
        if len(speakers) <= _MOST_SPEAKERS
        else pd.concat([speakers.iloc[:half], speakers.iloc[-half:]])
    )
    for place, (name, row) in enumerate(shown.iterrows()):
        if len(shown) < len(speakers) and place == half:
            show(f"... {len(speakers) - len(shown)} more (--json has all)")
        remark = {0: "worst", len(shown) - 1: "best"}.get(place, "") if len(speakers) > 1 else ""
        show(_row([name, f"{row['uar']:.3f}", f"{row['support']:.0f}", remark]))

    if table is None:
        return
    show("")
    show(_row(["fold", "UAR", "clips", "speakers tested"]))
    for fold in of_folds:
        names = ", ".join(visible(str(name)) for name in fold["speakers"])
        show(_row([fold["fold"], f"{fold['uar']:.3f}", fold["n_clips"], names]))

    show("\nMean over folds, for each way to split")
    show(f"{'split':27s} {'UAR':>6s} {'std':>6s} {'folds':>6s} {'clips':>6s}")
    # A corpus without sentences has no folds that keep them apart.
    for protocol, row in table[table["n_folds"] > 0].iterrows():
        scores = f"{row['uar']:6.3f} {row['std']:6.3f}"
        show(f"{protocol:27s} {scores} {row['n_folds']:6.0f} {row['n_clips']:6.0f}")


def _how_sure(results: EmotionReport) -> str:
    """Return the interval as text, or the reason why there is none."""
    assert results.speakers is not None
    n_speakers = len(results.speakers)
    if results.uar_interval is None:
        if n_speakers == 1:
            return " (no interval: one speaker is too few)"
        reason = "have the same score" if n_speakers >= FEW_SPEAKERS else "are too few"
        return f" (no interval: {n_speakers} speakers {reason})"
    low, high = results.uar_interval
    level = f"{100 * results.confidence_level:g} % interval"
    return f", {level} {low:.3f} to {high:.3f} ({results.covers})"


def _row(cells: list[Any]) -> str:
    first, *numbers, last = (visible(str(cell)) for cell in cells)
    return " ".join([f"{first:14s}", *(f"{n:>7s}" for n in numbers), f" {last}"]).rstrip()
