"""Check the schema of a skops file: a tree of nodes, each with the loader that makes an object.

skops decides which types it trusts. Before that, this module decides which loaders a model file may
use at all, and makes sure that skops reads the tree as it was checked: skops does not read a node
whose id it has seen before, so the node must equal the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skser.exceptions import ModelFileError
from skser.persistence._arrays import check_array
from skser.persistence._networks import NETWORK, check_network
from skser.persistence._trusted import TRUSTED

Node = dict[str, Any]

PROTOCOL = 2
"""Protocol of the skops format; nodes of older protocols are made by code that nobody reviews."""

_DEEPEST = 100
_DICT = "builtins.dict"

_CONTAINERS = {"ListNode", "SetNode", "TupleNode"}
_HOLD_ONE = {"ConstructorFromReduceNode", "DTypeNode", "RandomStateNode"}
_LEAVES = {"BytesNode", "FunctionNode", "JsonNode", "SliceNode", "TypeNode"}
_REDUCED = {"LossNode", "TreeNode"}


def check_schema(schema: Any, members: dict[str, bytes]) -> None:
    """Check the schema of a skops file, and every array that it refers to.

    Parameters
    ----------
    schema : object
        Schema as read from JSON.
    members : dict of str to bytes
        Other members of the skops file.

    Raises
    ------
    ModelFileError
        If the file should not be passed to skops.
    """
    if schema["protocol"] != PROTOCOL or isinstance(schema["protocol"], bool):
        raise ModelFileError(
            f"follows protocol {schema['protocol']!r} of skops, but this version of skser reads "
            f"protocol {PROTOCOL}"
        )
    check = _Check()
    check.visit(schema)
    if check.files.keys() != members.keys():
        raise ModelFileError("holds arrays that nothing refers to, or lacks some")
    for name, content in members.items():
        if name.endswith(".npy"):
            check_array(name, content)


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes inside a node.

    Parameters
    ----------
    node : dict
        Node of a schema.

    Yields
    ------
    child : dict

    Raises
    ------
    ModelFileError
        If model files do not use its loader.
    """
    loader = node["__loader__"]
    content: Any = node.get("content")
    if loader == "DictNode":
        yield node["key_types"]
        yield from _of_type(content, dict).values()
    elif loader in _CONTAINERS:
        yield from _of_type(content, list)
    elif loader in _HOLD_ONE:
        yield _of_type(content, dict)
    elif loader == "ObjectNode":
        if content is not None:
            yield content
    elif loader == "NdArrayNode":
        if node["type"] == "json":
            yield from _of_type(content, list)
            yield node["shape"]
    elif loader == "RandomGeneratorNode":
        yield from (content["bit_generator"], content["seed_seq"])
    elif loader == "MaskedArrayNode":
        yield from (content["data"], content["mask"])
    elif loader == "PartialNode":
        yield from (content[part] for part in ("func", "args", "kwds", "namespace"))
    elif loader in _REDUCED:
        yield from (content, node["__reduce__"]["args"])
    elif loader not in _LEAVES:
        raise ModelFileError(
            f"holds a {full_name(node)} as {loader!r}, which model files of skser do not use"
        )


def memory_of(node: Node) -> Node:
    """Return the node of an estimator's `memory`, the folder of computed values, or an empty one.

    Parameters
    ----------
    node : dict
        Node of a schema.

    Returns
    -------
    memory : dict
    """
    is_known = node["__module__"].startswith(("skser.", "sklearn."))
    state: Node | None = node.get("content")
    if node["__loader__"] != "ObjectNode" or not is_known or not state:
        return {}
    if state["__loader__"] != "DictNode":
        return {}
    memory: Node = _of_type(state["content"], dict).get("memory", {})
    return memory


def full_name(node: Node) -> str:
    """Return the full name of the class or function that a node names."""
    return f"{node['__module__']}.{node['__class__']}"


class _Check:
    """One walk through a schema."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self._by_id: dict[int, int] = {}
        # Equal nodes get the same number, whatever their ids and files.
        self._numbers: dict[Any, int] = {}

    def visit(self, node: Any, depth: int = 0) -> int:
        """Check a node and the nodes inside it; return a number that equal nodes share."""
        if depth > _DEEPEST:
            raise ModelFileError(f"holds objects nested {depth} levels deep")
        _of_type(node, dict)
        loader, name = node["__loader__"], full_name(node)
        if loader not in TRUSTED.get(name, (loader,)):
            raise ModelFileError(
                f"holds {name} as {loader!r}, which is the wrong kind of node for it"
            )
        if name in TRUSTED and loader == "ObjectNode":
            _check_attributes(node)
        inside = tuple([self.visit(child, depth + 1) for child in children(node)])
        if loader == "DictNode":
            _check_keys(node)
        if loader == "RandomGeneratorNode":
            _check_seed(node)
        if name == NETWORK:
            check_network(node)
        memory = memory_of(node)
        if memory and memory.get("content") != "null":
            raise ModelFileError(f"holds a {name} whose memory names a folder of another machine")
        self._check_file(node)
        number = self._numbers.setdefault((loader, name, _own(node), inside), len(self._numbers))
        seen = node.get("__id__")
        if seen is not None and self._by_id.setdefault(_of_type(seen, int), number) != number:
            raise ModelFileError("gives different objects the same id")
        return number

    def _check_file(self, node: Node) -> None:
        file = node.get("file")
        if file is None:
            return
        # Each file is read once, so that it takes its own size in memory and no more.
        owner = _of_type(node.get("__id__"), int)
        if owner == 0:
            raise ModelFileError("holds an array with the id 0, which skops does not recognise")
        if self.files.setdefault(_of_type(file, str), owner) != owner:
            raise ModelFileError(f"refers to its member {file!r} twice")


def _own(node: Node) -> Any:
    """Return the content of a node itself, without other nodes and files."""
    content: Any = node.get("content")
    match node["__loader__"]:
        case "DictNode":
            return tuple(content or ())
        case "JsonNode":
            return _of_type(content, str)
        case "SliceNode":
            return tuple(str(content[part]) for part in ("start", "stop", "step"))
        case "NdArrayNode":
            return node["type"]
        case _:
            return None


def _check_attributes(node: Node) -> None:
    """Check that attributes are a dict, because a list of pairs could set them as well."""
    state = node.get("content")
    if state is not None and (state["__loader__"], full_name(state)) != ("DictNode", _DICT):
        raise ModelFileError(f"holds a {full_name(node)} without attributes by name")


def _check_seed(node: Node) -> None:
    """Check that NumPy allocates no more memory for a seed than by default."""
    if node["content"]["seed_seq"]["content"]["pool_size"].get("content") != "4":
        raise ModelFileError("holds a random generator with a seed of unusual size")


def _check_keys(node: Node) -> None:
    """Check that the keys of a dict, which JSON stores as text, can be restored."""
    key_types = _of_type(node["key_types"]["content"], list)
    if any(key_type["__loader__"] != "TypeNode" for key_type in key_types):
        raise ModelFileError("holds a dict whose keys have no types")
    if len(key_types) != len(node["content"]):
        raise ModelFileError("holds a dict with keys that are equal as text, such as 1 and '1'")
    for key_type in key_types:
        if full_name(key_type) in ("builtins.bool", "numpy.bool", "numpy.bool_"):
            raise ModelFileError(
                "holds a dict whose keys are True and False, which cannot be written as text and "
                "read back. Use numbers or text as keys"
            )


def _of_type(value: Any, expected: type[Any]) -> Any:
    if type(value) is not expected:
        raise ModelFileError(f"is damaged: its schema lacks an expected {expected.__name__}")
    return value
