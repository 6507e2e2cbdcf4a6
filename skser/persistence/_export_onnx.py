from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

import skser
from skser._files import check_writable, writing
from skser.persistence._onnx_steps import Exporter, Place, as_labels

if TYPE_CHECKING:
    import onnx


def export_onnx(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted classifier as one graph in ONNX format.

    The graph takes float32 and has two outputs: ``probabilities`` of shape (n_samples, n_classes)
    and ``label`` of shape (n_samples,). onnxruntime runs it without TensorFlow, scikit-learn and
    skser, in Python and in other languages.

    Steps that take clips stay in Python: augmenters, features and unions of them, `TrimSilence`,
    `SpeakerNormalizer`. The graph of a pipeline that begins with them contains the steps after
    them, and its input ``X`` is the output of these steps: ``pipeline[:1].transform(clips)`` if
    the features are the first step. A `~sklearn.ensemble.VotingClassifier` of such pipelines, such
    as ``make_recognizer("best")``, becomes a graph with an input for each member, named after the
    member.

    Parameters
    ----------
    estimator : classifier
        Fitted classifier: `Conv1DClassifier`, `Conv2DClassifier` or `DenseClassifier`; a
        classifier of scikit-learn that skl2onnx converts (logistic regression, LDA, SVM with
        probabilities ...); a `~sklearn.pipeline.Pipeline` that ends in one of these, after
        `SpectrogramScaler`, `ImageToSequence`, networks, or transformers that skl2onnx converts; a
        soft vote of such classifiers; a search or an `AugmentedClassifier` over one.
    path : str or os.PathLike
        File to write. It is written as a whole or not at all.

    Raises
    ------
    ImportError
        If onnx, tf2onnx or skl2onnx is needed but not installed.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If the estimator is not a classifier or has no probabilities, if it or a step of it cannot
        be exported (the message names the step), or if its classes are neither text nor integers.
    OSError
        If the path is a folder, or cannot be written to.

    See Also
    --------
    make_recognizer : Make recognisers that can be exported.

    Notes
    -----
    The graph of a network that accepts clips of any length takes any number of frames. In a batch
    of clips that differ in length, pad the shorter ones with NaN, as the classifiers of skser do
    themselves; the graph masks this padding.

    The metadata of the graph contain the classes, the version of skser and, for each input, the
    names of the steps that stay in Python (``classes``, ``skser_version``, ``steps_in_python``).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import onnxruntime
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import export_onnx
    >>> X, y = make_classification(random_state=0)
    >>> pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx(pipeline, Path(folder, "voice.onnx"))
    ...     session = onnxruntime.InferenceSession(Path(folder, "voice.onnx"))
    >>> probabilities, label = session.run(None, {"X": X[:3].astype("float32")})
    >>> probabilities.shape
    (3, 2)
    """
    check_writable(path)
    model = to_onnx(estimator)
    with writing(path) as temporary:
        Path(temporary).write_bytes(model.SerializeToString())


def to_onnx(estimator: Any) -> onnx.ModelProto:
    """Make the graph of a fitted classifier that `export_onnx` writes."""
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        raise TypeError(f"export_onnx takes a fitted classifier, but got {estimator!r}.")
    check_is_fitted(estimator)
    if not is_classifier(estimator):
        raise TypeError(
            f"export_onnx takes classifiers, but {type(estimator).__name__} is not one. Export a "
            "pipeline that ends in a classifier."
        )
    exporter = Exporter()
    decision = exporter.classifier(estimator, None, Place((), "X"))
    labels = as_labels(estimator.classes_)
    return exporter.builder.finish(
        exporter.inputs,
        {
            "probabilities": (decision.probabilities, np.float32, ["n_samples", len(labels)]),
            "label": (decision.label, labels.dtype, ["n_samples"]),
        },
        {
            "skser_version": skser.__version__,
            "classes": json.dumps(labels.tolist()),
            "steps_in_python": json.dumps(exporter.in_python),
        },
    )
