"""Convert an estimator to the bytes of a skops file, and back."""

from __future__ import annotations

import json
import pathlib
import re
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any, NamedTuple

from skser._repr import without_addresses
from skser.exceptions import ModelFileError
from skser.persistence._archive import pack, unpack
from skser.persistence._schema import Node, check_schema, children, full_name, memory_of
from skser.persistence._trusted import TRUSTED, public_module

_SCHEMA = "schema.json"
_MEMBERS = re.compile(r"schema\.json|[0-9]+\.npy|[0-9]+\.bin")
_OF_SKOPS = re.compile(r"schema\.json|[0-9a-f-]+\.(npy|npz|bin)")


class SkopsFile(NamedTuple):
    """An estimator as a skops file: its bytes, the modules it names, and the names to trust."""

    data: bytes
    modules: set[str]
    to_trust: list[str]


Trusted = Iterable[str | type[Any] | FunctionType]


def dump(estimator: Any) -> SkopsFile:
    """Write an estimator as a skops file; an equal estimator gives equal bytes.

    The folder of a `memory` is left out, because it belongs to this machine.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    file : SkopsFile

    Raises
    ------
    ModelFileError
        If the estimator contains something that the format cannot store.
    """
    import skops.io

    try:
        _check_parameters(estimator)
        members = unpack(skops.io.dumps(estimator), _OF_SKOPS)
        schema = json.loads(members.pop(_SCHEMA))
        files: dict[str, str] = {}
        _make_portable(schema, {}, files)
        arrays = {new: members[old] for old, new in files.items()}
        _check_names(schema)
        check_schema(schema, arrays)
    # skops raises TypeError, RecursionError and others for objects that it cannot write.
    except Exception as error:
        raise ModelFileError(
            f"{type(estimator).__name__} cannot be written: it {_predicate(error, estimator)}. A "
            "pickle can hold it, but runs code when it is opened."
        ) from error
    text = json.dumps(schema, separators=(",", ":")).encode()
    data = pack({_SCHEMA: text, **arrays}, sealed=False)
    to_trust = sorted(set(skops.io.get_untrusted_types(data=data)) - TRUSTED.keys())
    return SkopsFile(data, set(_modules(schema)), to_trust)


def load(data: bytes, trusted: Trusted) -> Any:
    """Load the estimator of a skops file.

    Parameters
    ----------
    data : bytes
    trusted : iterable of str, type or function
        Types and functions that the file may hold besides those that are always trusted.

    Returns
    -------
    estimator : estimator

    Raises
    ------
    ModelFileError
        If the file is damaged, or holds a type that is not trusted.
    """
    import skops.io

    members = unpack(data, _MEMBERS)
    check_schema(json.loads(members.pop(_SCHEMA)), members)
    names = [*TRUSTED, *map(_name, trusted)]
    unknown = sorted(set(skops.io.get_untrusted_types(data=data)) - set(names))
    if unknown:
        listed = ", ".join(map(repr, unknown))
        raise ModelFileError(
            f"holds types or functions that are not trusted: {', '.join(unknown)}. If you trust "
            f"their code and the file, open it with load_model(..., trusted=[{listed}])"
        )
    return skops.io.loads(data, trusted=names)


def _modules(node: Node) -> Iterator[str]:
    yield node["__module__"]
    for child in children(node):
        yield from _modules(child)


def _name(trusted: Any) -> str:
    if isinstance(trusted, str):
        return trusted
    return f"{trusted.__module__}.{trusted.__qualname__}"


def _predicate(error: Exception, estimator: Any) -> str:
    if isinstance(error, ModelFileError):
        return str(error)
    if isinstance(error, RecursionError):
        return "holds an object that holds itself, such as the request that set_fit_request stores"
    return f"holds an object that skops cannot write ({type(error).__name__}: {error})"


def _check_parameters(estimator: Any) -> None:
    """Refuse objects of Keras, which only training needs: skops writes some, but opens none."""
    for name, value in estimator.get_params(deep=True).items():
        if isinstance(value, list | tuple):
            if any(map(_is_of_keras, value)):
                raise ModelFileError(
                    f"holds {name}={without_addresses(repr(value))}, with objects of Keras. "
                    f"Call set_params({name}=None) before saving, because predictions do not need "
                    "them"
                )
        elif _is_of_keras(value):
            raise ModelFileError(
                f"holds {name}={value!r}, an object of Keras. Set it to a name, such as 'adam', "
                "before saving, because predictions do not need it"
            )


def _is_of_keras(value: Any) -> bool:
    return any(base.__module__.partition(".")[0] == "keras" for base in type(value).__mro__)


def _make_portable(node: Node, ids: dict[int, int], files: dict[str, str]) -> None:
    """Remove the parts of a schema that differ between processes or machines."""
    if node["__loader__"] == "ConstructorFromReduceNode" and node["__module__"] in (
        "pathlib",
        "pathlib._local",
    ):
        parts = [json.loads(part["content"]) for part in node["content"]["content"]]
        _become_json(node, str(pathlib.PurePath(*parts)))
    memory = memory_of(node)
    if memory:
        _become_json(memory, None)
    node["__module__"] = public_module(node["__module__"], node["__class__"])
    if "__id__" in node:
        # From 1 on, because skops treats 0 as no id.
        node["__id__"] = ids.setdefault(node["__id__"], len(ids) + 1)
    if "file" in node:
        suffix = node["file"].rpartition(".")[2]
        node["file"] = files.setdefault(node["file"], f"{len(files)}.{suffix}")
    for child in children(node):
        _make_portable(child, ids, files)


def _become_json(node: Node, value: Any) -> None:
    # Without an id, because other nodes may share that of the old content.
    node.clear()
    node |= {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(value),
        "is_json": True,
    }


def _check_names(node: Node) -> None:
    """Raise for functions and classes that cannot be found by their name, such as a lambda."""
    if node["__loader__"] in ("FunctionNode", "ObjectNode", "TypeNode"):
        module = sys.modules.get(node["__module__"])
        if not hasattr(module, node["__class__"]):
            raise ModelFileError(
                f"holds {full_name(node)}, which cannot be found by that name. Define it with def "
                "or class at the top of a module"
            )
    for child in children(node):
        _check_names(child)
