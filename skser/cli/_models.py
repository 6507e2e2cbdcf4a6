"""Model files."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import joblib

from skser._files import writing
from skser.cli._output import say
from skser.compose._unions_inside import unions_in
from skser.exceptions import SkserError


class ModelError(SkserError):
    """A file is no model."""


def save_model(model: Any, path: Path) -> None:
    """Write a fitted classifier of clips to a file, as a whole or not at all."""
    # What was kept on this computer is of no use to the model elsewhere.
    for union in unions_in(model):
        union.set_params(memory=None, n_jobs=None, progress=False)
    with writing(path) as temporary, open(temporary, "wb") as file:
        pickle.dump(model, file)


def open_model(path: Path) -> Any:
    """Open a model file, which runs code that is in it; say so.

    Parameters
    ----------
    path : Path
        Written by `save_model`, pickle or joblib.

    Returns
    -------
    model : classifier
        Fitted; takes clips.

    Raises
    ------
    ModelError
        If the file is none.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise ModelError(f"{str(path)!r}: no such model file. Write one with 'skser train'.")
    say(f"Opening {path} runs code that is in it: open only models you trust.")
    try:
        model = joblib.load(path)
    # What else a damaged or foreign pickle may raise has no common class.
    except (MemoryError, OSError):
        raise
    except Exception as error:
        raise ModelError(
            f"{str(path)!r} is no model that can be opened here ({type(error).__name__}: {error}). "
            "Write one with 'skser train', with the versions that are installed."
        ) from error
    if not hasattr(model, "predict"):
        raise ModelError(
            f"{str(path)!r} holds a {type(model).__name__}, which cannot predict. Pass a fitted "
            "pipeline."
        )
    return model
