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
    `SpeakerNormalizer`. The graph of a pipeline that begins with them holds the steps behind them,
    and its input ``X`` is what they give: ``pipeline[:1].transform(clips)`` where the features are
    the first step. A `~sklearn.ensemble.VotingClassifier` of such pipelines, as
    ``make_recognizer("best")`` is, becomes a graph with an input for each member, which has the
    member's name.

    Parameters
    ----------
    estimator : classifier
        Fitted: `Conv1DClassifier`, `Conv2DClassifier` or `DenseClassifier`; a classifier of
        scikit-learn that skl2onnx converts (logistic regression, LDA, SVM with probabilities ...);
        a `~sklearn.pipeline.Pipeline` that ends in one, with `SpectrogramScaler`,
        `ImageToSequence`, networks, and transformers that skl2onnx converts before it; a soft vote
        of such; a search or an `AugmentedClassifier` over such.
    path : str or os.PathLike
        Where to write. The file is written as a whole or not at all.

    Raises
    ------
    ImportError
        If onnx, tf2onnx or skl2onnx is needed and not installed.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If it is no classifier, gives no probabilities, or if it or a step of it, which the message
        names, cannot be exported; or if its classes are neither text nor integers.
    OSError
        If the path is that of a folder, or cannot be written to.

    See Also
    --------
    make_recognizer : Its recognisers can be exported.

    Notes
    -----
    Networks that take clips of any length have a graph of any number of frames. In a batch of
    clips that differ in length, the shorter ones are padded with NaN, which the graph masks, as
    the classifiers of skser do themselves.

    The metadata of the graph hold the classes, the version of skser and, for each input, the names
    of the steps that stay in Python (``classes``, ``skser_version``, ``steps_in_python``).

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
    """Make the graph of a fitted classifier, as `export_onnx` writes it."""
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        raise TypeError(f"export_onnx takes a fitted classifier, but got {estimator!r}.")
    check_is_fitted(estimator)
    if not is_classifier(estimator):
        raise TypeError(
            f"export_onnx takes classifiers, but {type(estimator).__name__} is none. Export a "
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
