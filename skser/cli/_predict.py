from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from sklearn.pipeline import Pipeline
from tqdm.auto import tqdm

from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES, find_files
from skser.audio._items import describe
from skser.cli._models import open_model
from skser.cli._options import ModelFile
from skser.cli._output import is_interactive, print_json, say, show_row
from skser.cli._pipelines import counted
from skser.cli._tables import check_table, write_table
from skser.datasets._drop_unreadable import without_place
from skser.datasets._folder import without_copies
from skser.exceptions import AudioError


def predict(
    model_file: ModelFile, sources: Sequence[Path], output: Path | None, json: bool
) -> None:
    """Print or write the prediction for each file; exit with 1 if a file cannot be read."""
    if output is not None:
        check_table(output)
    model = open_model(model_file)
    files = [file for source in sources for file in _files_of(source)]
    results = []
    for file in tqdm(files, unit="clip", disable=not is_interactive() or len(files) < 2):
        try:
            result = _predict_one(model, file)
        except AudioError as error:
            # The position among the files is meaningless, and the name is already printed.
            reason = without_place(error, 0).removeprefix(f"{describe(str(file))}: ")
            result = {"file": file, "error": reason}
        results.append(result)
        if output is None and not json:
            _show(result)
    if output is not None:
        write_table(_table(results), output)
    if json:
        print_json(results)
    n_failed = sum("error" in result for result in results)
    if output is not None:
        say(f"{output}: {counted(len(results), 'clip')}")
    if n_failed:
        lines = "the lines above say" if n_failed > 1 else "its line above says"
        where = "the column 'error' says" if output else lines
        say(f"Error: {n_failed} of {counted(len(files), 'file')} could not be read; {where} why.")
        raise typer.Exit(1)


def _files_of(source: Path) -> list[Path]:
    """Return a file, or the audio files in and below a folder."""
    if not source.is_dir():
        return [source]
    files, _ = without_copies(find_files(source, (*AUDIO_SUFFIXES, *FFMPEG_SUFFIXES)))
    if not files:
        raise AudioError(
            f"{str(source)!r} and its subfolders contain no audio files (wav, flac, ogg, mp3 ...). "
            "Name the folder of the clips."
        )
    return files


def _predict_one(model: Any, file: Path) -> dict[str, Any]:
    """Return the predicted label and its probability."""
    clip: Any = [str(file)]
    if isinstance(model, Pipeline) and len(model) > 1:
        # The label and the probabilities use the same features, which are extracted once.
        clip, model = model[:-1].transform(clip), model[-1]
    label = model.predict(clip)[0]
    if not hasattr(model, "predict_proba"):
        return {"file": file, "label": label, "probability": None, "probabilities": None}
    probabilities = dict(zip(model.classes_, model.predict_proba(clip)[0], strict=True))
    return {
        "file": file,
        "label": label,
        "probability": probabilities[label],
        "probabilities": probabilities,
    }


def _show(result: dict[str, Any]) -> None:
    if "error" in result:
        show_row(result["file"], "", "", result["error"])
        return
    probability = result["probability"]
    show_row(result["file"], result["label"], "" if probability is None else f"{probability:.3f}")


def _table(results: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a table with one row for each file; the last column contains its error."""
    shares = [result.get("probabilities") or {} for result in results]
    classes = list(dict.fromkeys(name for share in shares for name in share))
    return pd.DataFrame(
        {
            "path": [str(result["file"]) for result in results],
            "emotion": [result.get("label") for result in results],
            "probability": [result.get("probability") for result in results],
            **{f"p_{name}": [share.get(name) for share in shares] for name in classes},
            "error": [result.get("error") for result in results],
        }
    )
