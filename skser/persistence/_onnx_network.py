"""A trained network that onnxruntime runs in place of TensorFlow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import ModelFileError
from skser.neural._adapter import TrainedNetwork
from skser.neural._batches import predict_in_chunks

if TYPE_CHECKING:
    import onnxruntime

_OUTPUTS = ["probabilities", "embedding"]

_SESSIONS = 16
"""Number of graphs to keep open in a process."""

_EXTERNAL = re.compile(rb"(?:\x0a|\x8a\x80*\x00)(?:\x08|\x88\x80*\x00)location")
"""Pattern by which a graph refers to an external file: field 1 of a Protocol Buffers message, whose
number and size may be written with more bytes than necessary."""


@dataclass(frozen=True)
class OnnxNetwork(TrainedNetwork):
    """A trained network with its graph, which predicts without TensorFlow.

    Parameters
    ----------
    graph : bytes
        Graph as made by `skser.persistence._onnx_keras.network_graph`. Threads share one session,
        and each call runs on a single thread.
    """

    graph: bytes = field(repr=False)

    @classmethod
    def of(cls, network: TrainedNetwork, graph: bytes) -> Self:
        """Combine a network with its graph."""
        return cls(**_values(network), graph=graph)

    def trained(self) -> TrainedNetwork:
        """Return the network without its graph."""
        return TrainedNetwork(**_values(self))

    def _run(self, X: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        session = open_session(self.graph)
        return predict_in_chunks(
            lambda x: session.run(_OUTPUTS, {"X": np.ascontiguousarray(x)}),
            X,
            (self.n_classes, self.n_units),
        )


@lru_cache(maxsize=_SESSIONS)
def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Open a graph.

    Parameters
    ----------
    graph : bytes

    Returns
    -------
    session : onnxruntime.InferenceSession
        Session that uses one thread, so that processes and threads of the caller share the
        processor, and values do not depend on their number.

    Raises
    ------
    ImportError
        If onnxruntime is not installed.
    ModelFileError
        If this is not the graph of a network, or refers to other files.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            "runtime='onnx' needs onnxruntime, which is not installed. Run pip install onnxruntime."
        ) from error
    if _EXTERNAL.search(graph):
        raise ModelFileError("holds a graph that refers to another file")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            graph, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # The errors of onnxruntime have no common base except Exception.
        raise ModelFileError(f"holds a graph that cannot be opened ({error})") from error
    if [i.name for i in session.get_inputs()] != ["X"] or [
        o.name for o in session.get_outputs()
    ] != _OUTPUTS:
        raise ModelFileError(
            "holds a graph that is not that of a network: its input is not 'X', or its outputs are "
            "not 'probabilities' and 'embedding'"
        )
    return session


def _values(network: TrainedNetwork) -> dict[str, Any]:
    return {each.name: getattr(network, each.name) for each in fields(TrainedNetwork)}
