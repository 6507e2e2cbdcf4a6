from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from sklearn.pipeline import Pipeline
from tqdm.auto import tqdm

from skser._text import counted
from skser.audio import Segment
from skser.audio._items import describe
from skser.cli._clips import Clip, clips_of
from skser.cli._models import open_model
from skser.cli._options import ClipTable, ModelFile
from skser.cli._output import is_interactive, print_json, say, show_row
from skser.cli._tables import apart_from, check_table, own_columns, write_table
from skser.datasets._drop_unreadable import without_place
from skser.exceptions import AudioError
from skser.extraction._doubts import SHORTEST, collecting

_NAMED = 5
"""Maximum number of clips that a message names."""


def predict(
    model_file: ModelFile,
    sources: Sequence[Path],
    table: ClipTable,
    output: Path | None,
    json: bool,
) -> None:
    """Print or write the prediction for each clip; exit with 1 if a clip cannot be read."""
    if output is not None:
        check_table(output)
    model = open_model(model_file)
    clips = clips_of(sources, table)
    results = []
    for clip in tqdm(clips, unit="clip", disable=not is_interactive() or len(clips) < 2):
        result = _result(model, clip)
        results.append(result)
        if output is None and not json:
            _show(clip, result)
    if output is not None:
        write_table(_table(clips, results), output)
    if json:
        print_json(
            [
                result | ({"table": clip.own} if clip.is_row else {})
                for clip, result in zip(clips, results, strict=True)
            ]
        )
    n_failed = sum("error" in result for result in results)
    if output is not None:
        say(f"{output}: {counted(len(results), 'clip')}")
    _warn_of_notes(results)
    if n_failed:
        lines = "the lines above say" if n_failed > 1 else "its line above says"
        where = "the column 'error' says" if output else lines
        what = "clip" if any(clip.is_row for clip in clips) else "file"
        say(f"Error: {n_failed} of {counted(len(clips), what)} could not be read; {where} why.")
        raise typer.Exit(1)


def _result(model: Any, clip: Clip) -> dict[str, Any]:
    """Return the file of a clip, its times if it is a part, and its prediction or its error.

    A note says why a prediction means nothing.
    """
    result: dict[str, Any] = {"file": clip.file}
    if isinstance(clip.item, Segment):
        result |= {"start": clip.item.start, "end": clip.item.end}
    if isinstance(clip.item, AudioError):
        return result | {"error": str(clip.item)}
    try:
        with collecting() as doubts:
            result |= _predict_one(model, clip.item)
        return result | ({"note": doubts[0].reason} if doubts else {})
    except AudioError as error:
        # The position among the files is meaningless, and the name is already printed.
        return result | {"error": without_place(error, 0).removeprefix(f"{describe(clip.item)}: ")}


def _predict_one(model: Any, item: str | Segment) -> dict[str, Any]:
    """Return the predicted label and its probability."""
    clip: Any = [item]
    if isinstance(model, Pipeline) and len(model) > 1:
        # The label and the probabilities use the same features, which are extracted once.
        clip, model = model[:-1].transform(clip), model[-1]
    label = model.predict(clip)[0]
    if not hasattr(model, "predict_proba"):
        return {"label": label, "probability": None, "probabilities": None}
    probabilities = dict(zip(model.classes_, model.predict_proba(clip)[0], strict=True))
    return {"label": label, "probability": probabilities[label], "probabilities": probabilities}


def _warn_of_notes(results: Sequence[dict[str, Any]]) -> None:
    """Name the clips whose predictions mean nothing."""
    noted = [f"{result['file']} {result['note']}" for result in results if "note" in result]
    if not noted:
        return
    n_predicted = sum("error" not in result for result in results)
    more = f", and {len(noted) - _NAMED} more" if len(noted) > _NAMED else ""
    say(
        f"Warning: {len(noted)} of {counted(n_predicted, 'prediction')} "
        f"{'means' if len(noted) == 1 else 'mean'} nothing, because the clip is silent (every "
        f"sample is 0) or shorter than {SHORTEST} s: "
        f"{', '.join(noted[:_NAMED])}{more}."
    )


def _show(clip: Clip, result: dict[str, Any]) -> None:
    shown = clip.file or ""
    if isinstance(clip.item, Segment):
        end = clip.item.end
        shown += f" from {clip.item.start:g} to {'its end' if end is None else f'{end:g} s'}"
    if "error" in result:
        show_row(shown, "", "", result["error"])
        return
    probability = result["probability"]
    show_row(shown, result["label"], "" if probability is None else f"{probability:.3f}")


def _table(clips: Sequence[Clip], results: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a table with one row for each clip, with its error and the columns of its table."""
    shares = [result.get("probabilities") or {} for result in results]
    classes = list(dict.fromkeys(name for share in shares for name in share))
    times = [name for name in ("start", "end") if any(name in result for result in results)]
    columns = {
        "path": [result["file"] for result in results],
        **{name: [result.get(name) for result in results] for name in times},
        "emotion": [result.get("label") for result in results],
        "probability": [result.get("probability") for result in results],
        **{f"p_{name}": [share.get(name) for share in shares] for name in classes},
        "error": [result.get("error") for result in results],
    }
    if any("note" in result for result in results):
        columns["note"] = [result.get("note") for result in results]
    own = pd.DataFrame([clip.own for clip in clips], index=range(len(clips)))
    return pd.DataFrame(columns | apart_from(own_columns(own, but=()), columns))
