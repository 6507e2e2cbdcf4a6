"""From a trained network to its graph."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from skser.persistence._onnx_graph import OPSETS, import_converter

if TYPE_CHECKING:
    import onnx

    from skser.neural._adapter import TrainedNetwork


def network_graph(network: TrainedNetwork) -> onnx.ModelProto:
    """Convert a network.

    Parameters
    ----------
    network : TrainedNetwork

    Returns
    -------
    model : onnx.ModelProto
        One input of shape (n_samples, \\*input_shape), as the network takes it, with any number
        of samples; NaN pads what differs in length. Two outputs: the probabilities and the
        embedding.

    Raises
    ------
    ImportError
        If tf2onnx is not installed.
    """
    converter = import_converter("tf2onnx")
    import tensorflow as tf

    both = network.to_keras()
    signature = [tf.TensorSpec((None, *network.input_shape), tf.float32, name="X")]
    forward = tf.function(lambda X: tuple(both(X, training=False)), input_signature=signature)
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    # It tells at the level of information, and warns of what TensorFlow's own optimizer lacks.
    logger.setLevel(logging.ERROR)
    try:
        model, _ = converter.convert.from_function(
            forward, input_signature=signature, opset=OPSETS[""]
        )
    finally:
        logger.setLevel(level)
    return model
