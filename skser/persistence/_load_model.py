from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from numbers import Integral
from pathlib import Path
from typing import Any

from sklearn.pipeline import FeatureUnion

from skser.exceptions import ModelFileError
from skser.persistence._objects import objects_in
from skser.persistence._onnx_carried import run_by_graphs
from skser.persistence._read_card import naming, read_members
from skser.persistence._skops_file import Trusted, load
from skser.persistence._svm import check_svms


def load_model(
    path: str | os.PathLike[str],
    *,
    trusted: Trusted = (),
    runtime: str | None = None,
    n_jobs: int | None = None,
) -> Any:
    """Load an estimator from a file written by `save_model`, without running code from the file.

    The predictions are the same as when the estimator was saved. They are bit-identical if the
    versions listed in the card are installed and the processor is of the same type.

    Parameters
    ----------
    path : str or os.PathLike
        File to load.
    trusted : iterable of str, type or function, default=()
        Types and functions that the file may contain besides those of skser, scikit-learn and
        NumPy, such as ``"mypackage.MyTransformer"``. Their modules are imported and their methods
        called, so name only code that you know. You must also trust the source of the file, because
        this code may not be safe with every attribute.
    runtime : {"tensorflow", "onnx"} or None, default=None
        Library that runs the networks. "onnx" stands for onnxruntime, which runs the graphs in the
        file (``save_model(..., onnx=True)``); probabilities agree to 1e-5. A file without networks
        needs neither. If None, "onnx" is used if TensorFlow is not installed and the file contains
        graphs, and "tensorflow" otherwise.
    n_jobs : int, default=None
        Number of processes in which unions compute features, as for `joblib.Parallel`. The
        `n_jobs` that a union was trained with is replaced, because it suits the machine that
        trained the model: with None, unions start no processes.

    Returns
    -------
    estimator : estimator
        Estimator as it was saved, except for the `n_jobs` of its unions.

    Raises
    ------
    ModelFileError
        If the file is not a model file, is damaged, was changed, has a newer format, or contains a
        type that is not trusted; the message names it. With ``runtime="onnx"``, if the file does
        not contain the graph of a network.
    ImportError
        If onnxruntime is needed to run a network but is not installed.
    TypeError
        If `trusted` is not a list of names, types and functions, or `n_jobs` is not an integer.
    OSError
        If the file cannot be read.
    ValueError
        If `runtime` has another value, or `n_jobs` is 0.

    Warns
    -----
    InconsistentVersionWarning
        If an estimator was saved with another version of scikit-learn.

    See Also
    --------
    save_model : Write the file.
    read_card : Read the card of the file.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, load_model, make_emotional_speech, save_model
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=3, random_state=0)
    >>> pipe = make_pipeline(MFCC(), SVC()).fit(speech.data, speech.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     card = save_model(pipe, f"{folder}/voice.skser")
    ...     loaded = load_model(f"{folder}/voice.skser")
    >>> (loaded.decision_function(speech.data) == pipe.decision_function(speech.data)).all().item()
    True
    """
    if runtime not in ("tensorflow", "onnx", None):
        raise ValueError(f"runtime={runtime!r} must be 'tensorflow', 'onnx' or None.")
    if n_jobs is not None and not isinstance(n_jobs, Integral):
        raise TypeError(f"n_jobs={n_jobs!r} must be an integer or None.")
    if n_jobs == 0:
        raise ValueError("n_jobs=0 must be at least 1, or negative to count from all processors.")
    if isinstance(trusted, str) or not isinstance(trusted, Iterable):
        raise TypeError(f"trusted={trusted!r} must be a list of names, types or functions.")
    trusted = [*trusted]
    for each in trusted:
        if not isinstance(each, str) and not hasattr(each, "__qualname__"):
            raise TypeError(f"trusted holds {each!r}, which is not a name, type or function.")
    with naming(path):
        members = read_members(path)
        try:
            estimator = load(members["estimator.skops"], trusted)
            check_svms(estimator)
        except ModelFileError:
            raise
        # A forged file can hold content that raises any kind of error.
        except Exception as error:
            raise ModelFileError(
                f"cannot be opened ({type(error).__name__}: {error}). Its card lists the versions "
                "that wrote it, see read_card; if these are installed, the file is damaged"
            ) from error
        graphs = {Path(name).stem: member for name, member in members.items() if _is_graph(name)}
        if runtime is None and graphs and find_spec("tensorflow") is None:
            runtime = "onnx"
        if runtime == "onnx":
            run_by_graphs(estimator, graphs)
    for each in objects_in(estimator):
        if isinstance(each, FeatureUnion):
            each.n_jobs = n_jobs
    return estimator


def _is_graph(name: str) -> bool:
    return name.startswith("graphs/")
