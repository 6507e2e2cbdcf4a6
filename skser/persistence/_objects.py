"""Find every object in an estimator, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np


def objects_in(root: Any) -> Iterator[Any]:
    """Yield an object and all objects that it holds, each once.

    Parameters
    ----------
    root : object
        Object to search. Members of containers, members of object arrays and attributes of objects
        are followed, because not every part of an estimator is an estimator: those of
        `~sklearn.calibration.CalibratedClassifierCV` are not.

    Yields
    ------
    thing : object
    """
    seen: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        # Keep the object alive, so that no other object gets its id.
        seen[id(thing)] = thing
        yield thing
        if isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple | set | frozenset):
            waiting += thing
        elif isinstance(thing, np.ndarray):
            if thing.dtype == object:
                waiting += thing.ravel().tolist()
        # Attributes of modules and classes are global; objects of Keras lead to all of TensorFlow.
        elif not isinstance(thing, type | ModuleType | FunctionType) and not _is_of_keras(thing):
            waiting += getattr(thing, "__dict__", {}).values()


def _is_of_keras(thing: Any) -> bool:
    return type(thing).__module__.partition(".")[0] in ("keras", "tensorflow")
