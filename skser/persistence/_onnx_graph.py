"""Build a graph in ONNX format from nodes and from other graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

OPSETS = {"": 17, "ai.onnx.ml": 3}
"""Versions of the operators, by domain."""

Axes = tuple[int | str, ...]
"""Shape of an input, with a name for each axis of any length."""

SAMPLES, FRAMES = "n_samples", "n_frames"

_IR_VERSION = 8
"""Format version that belongs to these operators; onnxruntime reads it since 1.12."""

_MISSING = "{} is not installed: pip install 'skser[export]'."


class GraphBuilder:
    """Collect nodes, constants and whole graphs, and build one model from them.

    Tensors are identified by names; each method that adds something returns the names of its
    outputs.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._n_names = 0

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of the standard domain that has one output."""
        output = self._name()
        self._nodes.append(import_onnx().helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, values: NDArray[Any]) -> str:
        """Add a constant; text must be an object array."""
        name = self._name()
        self._constants.append(import_onnx().numpy_helper.from_array(values, name))
        return name

    def insert(self, model: onnx.ModelProto, *inputs: str) -> list[str]:
        """Insert the graph of another model, and return its outputs.

        Raises
        ------
        ValueError
            If the model uses newer operators than this graph declares.
        """
        for declared in model.opset_import:
            newest = OPSETS.get(declared.domain or "", 0)
            if declared.version > newest and _is_used(model, declared.domain):
                raise ValueError(
                    f"The graph uses version {declared.version} of the operators of "
                    f"{declared.domain or 'ONNX'!r}, which is newer than {newest}."
                )
        graph = import_onnx().compose.add_prefix_graph(model.graph, f"{self._name()}/")
        self._constants += graph.initializer
        constants = {constant.name for constant in graph.initializer}
        free = [value.name for value in graph.input if value.name not in constants]
        for outer, inner in zip(inputs, free, strict=True):
            self._nodes.append(import_onnx().helper.make_node("Identity", [outer], [inner]))
        self._nodes += graph.node
        return [value.name for value in graph.output]

    def finish(
        self,
        inputs: Mapping[str, Axes],
        outputs: Mapping[str, tuple[str, Any, Sequence[int | str]]],
        properties: Mapping[str, str],
    ) -> onnx.ModelProto:
        """Build the model.

        Parameters
        ----------
        inputs : mapping of str to tuple of int or str
            Shapes of the inputs, which are all float32.
        outputs : mapping of str to tuple
            Tensor, NumPy type and shape of each output, by name.
        properties : mapping of str to str
            Metadata to store with the graph.

        Returns
        -------
        model : onnx.ModelProto

        Raises
        ------
        onnx.checker.ValidationError
            If the graph is not valid.
        """
        onnx = import_onnx()
        helper = onnx.helper
        nodes = list(self._nodes)
        declared = []
        for name, (tensor, dtype, shape) in outputs.items():
            nodes.append(helper.make_node("Identity", [tensor], [name]))
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            declared.append(helper.make_tensor_value_info(name, kind, shape))
        graph = helper.make_graph(
            nodes,
            "skser",
            [
                helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                for name, shape in inputs.items()
            ],
            declared,
            self._constants,
        )
        domains = {node.domain for node in graph.node} | {""}
        model = helper.make_model(
            graph,
            producer_name="skser",
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid(domain, OPSETS[domain]) for domain in domains],
        )
        helper.set_model_props(model, dict(properties))
        onnx.checker.check_model(model)
        return model

    def _name(self) -> str:
        self._n_names += 1
        return f"v{self._n_names}"


def named_axes(shape: Sequence[int | None]) -> Axes:
    """Return the shape of a batch of samples, in which an axis of any length (None) is frames."""
    return (SAMPLES, *(FRAMES if size is None else size for size in shape))


def import_onnx() -> Any:
    """Import onnx, or raise an ImportError that explains how to install it."""
    try:
        import onnx
        import onnx.compose
    except ImportError as error:
        raise ImportError(_MISSING.format("onnx")) from error
    return onnx


def import_converter(name: str) -> Any:
    """Import tf2onnx or skl2onnx, or raise an ImportError that explains how to install it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(_MISSING.format(name)) from error


def _is_used(model: onnx.ModelProto, domain: str) -> bool:
    return any(node.domain == domain for node in model.graph.node)
