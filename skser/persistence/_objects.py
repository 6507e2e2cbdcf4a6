"""Every object in an estimator, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np


def objects_in(root: Any) -> Iterator[Any]:
    """Yield an object and all that it holds, each once.

    Parameters
    ----------
    root : object
        Members of containers and of arrays of objects are followed, and attributes of objects,
        because not every part of an estimator is an estimator: those of
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
        # Kept, so that nothing else gets its id.
        seen[id(thing)] = thing
        yield thing
        if isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple | set | frozenset):
            waiting += thing
        elif isinstance(thing, np.ndarray):
            if thing.dtype == object:
                waiting += thing.ravel().tolist()
        # What a module or a class holds belongs to everybody; Keras has all of TensorFlow in it.
        elif not isinstance(thing, type | ModuleType | FunctionType) and not _is_of_keras(thing):
            waiting += getattr(thing, "__dict__", {}).values()


def _is_of_keras(thing: Any) -> bool:
    return type(thing).__module__.partition(".")[0] in ("keras", "tensorflow")
