from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from sklearn.pipeline import Pipeline
from tqdm.auto import tqdm

from skser.cli._models import open_model
from skser.cli._options import ModelFile
from skser.cli._output import is_interactive, print_json, say, show_row
from skser.exceptions import AudioError


def predict(model_file: ModelFile, files: list[Path], json: bool) -> None:
    """Print what a model makes of each file; exit with 1 if one cannot be read."""
    model = open_model(model_file)
    results = []
    n_failed = 0
    for file in tqdm(files, unit="clip", disable=not is_interactive() or len(files) < 2):
        try:
            result = _predict_one(model, file)
        except AudioError as error:
            n_failed += 1
            # Its place among the files of this call says nothing.
            say(f"Error: {str(error).removeprefix('X[0] ')}")
            continue
        if json:
            results.append(result)
        else:
            probability = result["probability"]
            shown = "" if probability is None else f"{probability:.3f}"
            show_row(file, result["label"], shown)
    if json:
        print_json(results)
    if n_failed:
        raise typer.Exit(1)


def _predict_one(model: Any, file: Path) -> dict[str, Any]:
    """Return the label that the model decides on, with the probability of that label."""
    clip: Any = [str(file)]
    if isinstance(model, Pipeline) and len(model) > 1:
        # Its label and its probabilities are of the same features: extract them once.
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
