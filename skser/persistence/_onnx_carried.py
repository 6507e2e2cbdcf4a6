"""The ONNX graphs in a model file, one for each network of an estimator."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from skser.exceptions import ModelFileError
from skser.neural._adapter import TrainedNetwork
from skser.neural._base import NetworkClassifier
from skser.neural._building import quoted_name
from skser.persistence._objects import objects_in
from skser.persistence._onnx_keras import network_graph
from skser.persistence._onnx_network import OnnxNetwork, open_session


def graphs_of(estimator: Any) -> dict[str, bytes]:
    """Make the graph of every network in an estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted estimator.

    Returns
    -------
    graphs : dict of str to bytes
        Graphs by the hash of their network. Empty if there is no network.
    """
    networks = {network_hash(each.network_): each.network_ for each in networks_in(estimator)}
    return {name: _graph_of(each) for name, each in networks.items()}


def run_by_graphs(estimator: Any, graphs: Mapping[str, bytes]) -> None:
    """Make onnxruntime run every network of an estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted estimator, whose networks are replaced.
    graphs : mapping of str to bytes
        Graphs as returned by `graphs_of`.

    Raises
    ------
    ModelFileError
        If a network has no graph, or one that cannot be opened.
    ImportError
        If there is a network and onnxruntime is not installed.
    """
    for classifier in list(networks_in(estimator)):
        graph = graphs.get(network_hash(classifier.network_))
        if graph is None:
            raise ModelFileError(
                f"contains no graph of its {type(classifier).__name__} for onnxruntime to run. On "
                "a machine with TensorFlow, load it and save it again with "
                "save_model(..., onnx=True)"
            )
        open_session(graph)
        classifier.network_ = OnnxNetwork.of(classifier.network_, graph)


def without_graphs(estimator: Any) -> Any:
    """Return the estimator or, if onnxruntime runs a network, a copy that runs on TensorFlow."""
    if any(isinstance(each.network_, OnnxNetwork) for each in networks_in(estimator)):
        estimator = copy.deepcopy(estimator)
        for classifier in networks_in(estimator):
            if isinstance(classifier.network_, OnnxNetwork):
                classifier.network_ = classifier.network_.trained()
    return estimator


def networks_in(estimator: Any) -> Iterator[NetworkClassifier]:
    """Yield every fitted network in an estimator, wherever it is, once."""
    for thing in objects_in(estimator):
        if isinstance(thing, NetworkClassifier) and hasattr(thing, "network_"):
            yield thing


def network_hash(network: TrainedNetwork) -> str:
    """Return a hash of all that determines a network's output: architecture, shapes and weights."""
    known = {
        "architecture": quoted_name(network.build),
        "input_shape": network.input_shape,
        "n_classes": network.n_classes,
        "shapes": [np.shape(values) for values in network.weights],
    }
    digest = hashlib.sha256(json.dumps(known).encode())
    for values in network.weights:
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _graph_of(network: TrainedNetwork) -> bytes:
    if isinstance(network, OnnxNetwork):
        return network.graph
    graph: bytes = network_graph(network).SerializeToString()
    return graph
