"""Convert a fitted estimator of scikit-learn to its ONNX graph."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any

from sklearn.base import is_classifier

from skser.persistence._onnx_graph import OPSETS, import_converter

if TYPE_CHECKING:
    import onnx


def sklearn_graph(estimator: Any) -> onnx.ModelProto:
    """Convert an estimator that takes a table.

    Parameters
    ----------
    estimator : estimator
        Fitted transformer or classifier.

    Returns
    -------
    model : onnx.ModelProto
        Graph with one input ``(n_samples, n_features_in_)``. That of a transformer has one output;
        that of a classifier has two, the labels and the probabilities.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    TypeError
        If skl2onnx cannot convert the estimator.
    """
    converter = import_converter("skl2onnx")
    types = import_converter("skl2onnx.common.data_types")
    table = types.FloatTensorType([None, estimator.n_features_in_])
    logger = logging.getLogger("skl2onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # skl2onnx reads attributes of SVC that scikit-learn is about to remove.
            warnings.simplefilter("ignore", FutureWarning)
            return converter.convert_sklearn(
                estimator,
                initial_types=[("X", table)],
                target_opset=OPSETS,
                options={id(estimator): {"zipmap": False}} if is_classifier(estimator) else None,
            )
    # The errors of skl2onnx have no common class: a KeyError for a network in an ensemble.
    except Exception as error:
        raise TypeError("skl2onnx cannot convert it, or a part of it") from error
    finally:
        logger.setLevel(level)
