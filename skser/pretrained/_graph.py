"""Find the file of an ONNX model, determine its inputs, and run it on one thread."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import AudioError, SkserError
from skser.pretrained._any_length import SHAPE, with_any_length
from skser.pretrained._fetch import HASHES, MODEL
from skser.pretrained._hashes import hash_of_model
from skser.pretrained._weight_files import weight_files

_HUB = re.compile(r"hf:(?P<repo>[^/\s]+/[^/\s]+)/(?P<file>[^@\s]+)(?:@(?P<revision>\S+))?")
_FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_INTEGERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}


def find_model(model: str | os.PathLike[str]) -> Path:
    """Return the file of a model, downloading it if it is in the Hugging Face hub.

    Parameters
    ----------
    model : str or os.PathLike
        Path, or ``hf:owner/repository/file.onnx@revision``, which is downloaded to the cache of
        the hub.

    Returns
    -------
    path : Path

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a name that begins with ``hf:`` is incomplete.
    ImportError
        If ``huggingface_hub`` is not installed.
    """
    text = os.fspath(model)
    if not text.startswith("hf:"):
        path = Path(text).expanduser()
        if not path.is_file():
            raise FileNotFoundError(
                f"model={text!r}: no such file. Pass the path of an ONNX file, or "
                "'hf:owner/repository/file.onnx@revision'."
            )
        return path
    match = _HUB.fullmatch(text)
    if match is None:
        raise ValueError(
            f"model={text!r} is incomplete: write 'hf:owner/repository/file.onnx@revision', where "
            "the revision is a commit, tag or branch, and 'main' if it is left out."
        )
    return _download(match["repo"], match["file"], match["revision"])


@lru_cache(maxsize=32)
def _download(repository: str, file: str, revision: str | None) -> Path:
    """Return a model from the cache of the hub, downloading it and the files of its weights.

    The hub is asked only once per process.
    """
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise ImportError(_MISSING.format("huggingface_hub")) from error
    path = Path(hf_hub_download(repository, file, revision=revision))
    for name in weight_files(path):
        beside = PurePosixPath(file).parent / name
        hf_hub_download(repository, str(beside), revision=revision)
    return path


_MISSING = "{} is not installed. Install it with pip install 'skser[pretrained]'."


@dataclass(frozen=True)
class Graph:
    """An open model.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    session : onnxruntime.InferenceSession
        Session of the model.
    input : str
        Name of the input that takes samples or images.
    batch : int or None
        Length of the first axis: the number of pieces per batch. None if it is variable.
    shape : tuple of int or None
        Lengths of the other axes, None for an axis of variable length.
    dtype : numpy.dtype
        Data type of the input.
    masks : mapping of str to numpy.dtype
        Inputs of shape (batch, samples) that mark the samples, or frames of an image, which are
        not padding, and their data types.
    outputs : tuple of str
        Names of the outputs.
    any_length : bool, default=False
        Whether the model also takes images that are longer than `shape` states, because
        `with_any_length` has changed it.
    """

    name: str
    session: Any
    input: str
    batch: int | None
    shape: tuple[int | None, ...]
    dtype: Any
    masks: Mapping[str, Any]
    outputs: tuple[str, ...]
    any_length: bool = False

    def run(
        self, X: NDArray[np.float32], mask: NDArray[np.bool_], output: str | None = None
    ) -> NDArray[np.float32]:
        """Return an output for a batch, by default the first.

        Parameters
        ----------
        X : ndarray of shape (n, ...)
            Input of the model; n is at most `batch`.
        mask : ndarray of shape (n_steps,)
            Mask of the time steps, in each of the n pieces, that are not padding.
        output : str, default=None
            Name of an output. If None, the first.

        Returns
        -------
        values : ndarray of shape (n, ...), dtype=float32

        Raises
        ------
        ValueError
            If there is no such output.
        AudioError
            If the model fails.
        """
        if output is not None and output not in self.outputs:
            raise ValueError(
                f"output={output!r} is not an output of {self.name}. Choose from "
                f"{', '.join(map(repr, self.outputs))}."
            )
        n = len(X)
        if self.batch is not None:
            # Repeat pieces: no model fails on them if it does not fail on the originals.
            X = np.pad(X, [(0, self.batch - n)] + [(0, 0)] * (X.ndim - 1), mode="edge")
        feed = {self.input: X.astype(self.dtype, copy=False)}
        for name, dtype in self.masks.items():
            feed[name] = np.tile(mask.astype(dtype), (len(X), 1))
        try:
            [values] = self.session.run([output or self.outputs[0]], feed)
        except Exception as error:
            # onnxruntime's errors have no common base but Exception.
            raise AudioError(
                f"{self.name} failed on an input of shape {X.shape} ({error}). Its inputs are "
                f"{_signature(self.session)}."
            ) from error
        values = np.asarray(values, dtype=np.float32)
        return values[:n] if values.ndim and len(values) == self.batch else values


def open_graph(path: Path) -> Graph:
    """Open a model, only once per process as long as its files do not change.

    Parameters
    ----------
    path : Path
        Path of an ONNX file.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ImportError
        If ``onnxruntime`` is not installed.
    SkserError
        If the file is not an ONNX model, or the model does not take sound.
    """
    return _open_graph(str(path), hash_of_model(path))


@lru_cache(maxsize=8)
def _open_graph(path: str, sha256: str) -> Graph:
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(_MISSING.format("onnxruntime")) from error
    options = onnxruntime.SessionOptions()
    # With `n_jobs`, each process has one thread, and all return equal values.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    name = Path(path).name
    any_length = sha256 == HASHES[MODEL]
    model = with_any_length(Path(path).read_bytes()) if any_length else path
    try:
        session = onnxruntime.InferenceSession(
            model, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise SkserError(
            f"{name!r} cannot be opened as an ONNX model ({error}). Pass the path of an ONNX file."
        ) from error
    graph = _checked(name, session)
    return replace(graph, shape=SHAPE, any_length=True) if any_length else graph


def _checked(name: str, session: Any) -> Graph:
    floats = [i for i in session.get_inputs() if i.type in _FLOATS]
    others = [i for i in session.get_inputs() if i.type not in _FLOATS]
    masks = [i for i in others if "mask" in i.name.lower() and i.type in _INTEGERS]
    fits = len(floats) == 1 and len(masks) == len(others) and len(floats[0].shape) >= 2
    if not fits or not all(_goes_with(mask.shape, floats[0].shape) for mask in masks):
        raise SkserError(
            f"{name!r} takes {_signature(session)}, but a model of sound takes one array of "
            "floats of shape (batch, samples), or an image (batch, ...) from a front end, and "
            "at most attention masks (integers) of shape (batch, samples) in addition. Use another "
            "model."
        )
    [main] = floats
    fixed = (i.shape[0] for i in [main, *masks] if isinstance(i.shape[0], int))
    return Graph(
        name=name,
        session=session,
        input=main.name,
        batch=next(fixed, None),
        shape=tuple(n if isinstance(n, int) else None for n in main.shape[1:]),
        dtype=_FLOATS[main.type],
        masks={mask.name: _INTEGERS[mask.type] for mask in masks},
        outputs=tuple(o.name for o in session.get_outputs()),
    )


def _goes_with(mask: Sequence[Any], main: Sequence[Any]) -> bool:
    """Return whether a mask has two axes, and a fixed length only if its input has the same."""
    return len(mask) == 2 and (not isinstance(mask[1], int) or mask[1] in main[1:])


def _signature(session: Any) -> str:
    return ", ".join(
        f"{i.name!r} {i.type.removeprefix('tensor')} of shape {tuple(i.shape)}"
        for i in session.get_inputs()
    )
