"""Read and write model files."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import joblib
from sklearn.utils import Bunch

from skser._files import writing
from skser.cli._model_file import check_is_file
from skser.cli._options import ModelFile, Source
from skser.cli._output import say
from skser.compose import AudioFeatureUnion
from skser.compose._held import outermost
from skser.exceptions import ModelFileError
from skser.persistence import load_model, save_model
from skser.persistence._onnx_graph import import_onnx
from skser.persistence._onnx_keras import import_tf2onnx

_OF_PICKLES = (".pkl", ".pickle", ".joblib")
_ZIP = b"PK\x03\x04"


def check_carries_graphs(path: Path) -> None:
    """Raise if a file cannot contain graphs in ONNX format or cannot be written with them.

    Raises
    ------
    ImportError
        If onnx or tf2onnx is not installed.
    ValueError
        If the file would be a pickle.
    """
    if path.suffix in _OF_PICKLES:
        raise ValueError(
            f"--onnx: {str(path)!r} would be a pickle, which cannot contain ONNX graphs. Name a "
            ".skser file."
        )
    import_onnx()
    import_tf2onnx()


def write_model(model: Any, path: Path, card: Mapping[str, Any], *, onnx: bool = False) -> None:
    """Write a fitted classifier of clips to a file, completely or not at all.

    Parameters
    ----------
    model : classifier
        Fitted classifier that takes clips.
    path : Path
        File to write. A pickle is written only if the suffix is that of a pickle.
    card : mapping
        Facts about the model.
    onnx : bool, default=False
        Whether to store the graphs of networks in the file.
    """
    # Features stored on this computer are useless to the model elsewhere.
    for union in outermost(model, AudioFeatureUnion):
        union.set_params(memory=None, n_jobs=None, progress=False)
    if path.suffix not in _OF_PICKLES:
        save_model(model, path, card=card, onnx=onnx)
        return
    with writing(path) as temporary, open(temporary, "wb") as file:
        pickle.dump(model, file)
    say(f"{path} is a pickle, which opens only with --allow-pickle. A .skser file is safer.")


def card_of(source: Source, corpus: Bunch) -> dict[str, Any]:
    """Describe the training corpus of a model, without the folders of this machine."""
    groups = corpus.get("groups")
    return {
        "corpus": {
            "name": PurePath(source.corpus.rpartition(":")[2]).name,
            "n_clips": len(corpus.data),
            "n_speakers": None if groups is None else len(set(groups)),
        }
    }


def open_model(model_file: ModelFile) -> Any:
    """Open a model file; open a pickle, which runs code, only if this is allowed.

    Parameters
    ----------
    model_file : ModelFile
        File written by `write_model`, `skser.save_model`, pickle or joblib.

    Returns
    -------
    model : classifier
        Fitted classifier that takes clips.

    Raises
    ------
    ModelFileError
        If the file is not a model file.
    OSError
        If the file cannot be read.
    """
    path = model_file.path
    check_is_file(path)
    with open(path, "rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    if is_zip:
        model = load_model(path)
    elif model_file.allow_pickle:
        model = _unpickled(path)
    else:
        raise ModelFileError(
            f"{str(path)!r} is not a .skser file. If it is a pickle and you trust it to run code, "
            "add --allow-pickle. Otherwise, write a new model with 'skser train'."
        )
    if not hasattr(model, "predict"):
        raise ModelFileError(
            f"{str(path)!r} contains a {type(model).__name__}, which cannot predict. Pass a fitted "
            "pipeline."
        )
    return model


def _unpickled(path: Path) -> Any:
    say(f"Opening {path} runs the code in it, so open only models that you trust.")
    try:
        return joblib.load(path)
    # The other errors that a damaged or foreign pickle may raise have no common base class.
    except (MemoryError, OSError):
        raise
    except Exception as error:
        raise ModelFileError(
            f"{str(path)!r} cannot be opened as a model ({type(error).__name__}: {error}). Write a "
            "new one with 'skser train' and the installed versions."
        ) from error
