"""Convert a trained network to its ONNX graph."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from skser.neural._compiled import with_embedding
from skser.neural._keras import import_keras
from skser.persistence._onnx_graph import (
    OPSETS,
    SAMPLES,
    Axes,
    GraphBuilder,
    import_converter,
    import_onnx,
    named_axes,
)
from skser.persistence._onnx_network import OnnxNetwork

if TYPE_CHECKING:
    import onnx

    from skser.neural._adapter import TrainedNetwork


def network_graph(network: TrainedNetwork) -> onnx.ModelProto:
    """Convert a network to ONNX.

    Parameters
    ----------
    network : TrainedNetwork

    Returns
    -------
    model : onnx.ModelProto
        Graph with one input ``X`` of shape ``(n_samples, *input_shape)``, the input shape of the
        network, with any number of samples; NaN pads samples that differ in length. Its outputs
        are ``probabilities`` and ``embedding``.

    Raises
    ------
    ImportError
        If tf2onnx is not installed.
    """
    if isinstance(network, OnnxNetwork):
        return import_onnx().load_from_string(network.graph)
    builder = GraphBuilder()
    probabilities, embedding = builder.insert(_converted(network), "X")
    inner: Axes = named_axes(network.input_shape)
    return builder.finish(
        {"X": inner},
        {
            "probabilities": (probabilities, np.float32, [SAMPLES, network.n_classes]),
            "embedding": (embedding, np.float32, [SAMPLES, network.n_units]),
        },
        {},
    )


def import_tf2onnx() -> Any:
    """Import tf2onnx without the harmless messages of TensorFlow, which it imports.

    Raises
    ------
    ImportError
        If tf2onnx is not installed.
    """
    if find_spec("tf2onnx") is not None:
        import_keras()
    return import_converter("tf2onnx")


def _converted(network: TrainedNetwork) -> onnx.ModelProto:
    # A missing package is reported before TensorFlow is imported, which takes seconds.
    import_onnx()
    converter = import_tf2onnx()
    both = with_embedding(network.to_keras())
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *network.input_shape), tf.float32, name="X")]
    forward = tf.function(lambda X: tuple(both(X, training=False)), input_signature=signature)
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    # Hide its progress messages, and warnings about missing parts of TensorFlow's own optimizer.
    logger.setLevel(logging.ERROR)
    try:
        model, _ = converter.convert.from_function(
            forward, input_signature=signature, opset=OPSETS[""]
        )
    finally:
        logger.setLevel(level)
    return model
