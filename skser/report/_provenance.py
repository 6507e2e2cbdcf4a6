"""What it takes to repeat a report: the call, versions, seeds, the pipeline in full."""

from __future__ import annotations

import inspect
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from numbers import Number
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from types import NoneType
from typing import Any

import joblib
import numpy as np
from markupsafe import Markup, escape
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator

from skser._repr import without_addresses
from skser._text import visible_lines
from skser.audio import as_items
from skser.extraction import FeatureStore

_PACKAGES = (
    "skser",
    "scikit-learn",
    "librosa",
    "numpy",
    "scipy",
    "pandas",
    "soundfile",
    "soxr",
    "keras",
    "tensorflow",
    "scikeras",
)


def versions() -> dict[str, str]:
    """Return the versions of the installed packages, by name."""
    from skser import __version__

    found = {"Python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = __version__ if package == "skser" else "not installed"
    return found


def call_of(function: Callable[..., Any], parameters: Mapping[str, Any]) -> Markup:
    """Write the call of a function on a pipeline and a corpus, with what differs from defaults.

    Parameters
    ----------
    function : callable
        Public function of skser whose first arguments are a pipeline and a corpus.
    parameters : mapping
        Values of its other parameters that change the result.

    Returns
    -------
    code : Markup
        Lines of Python.
    """
    defaults = inspect.signature(function).parameters
    given = [
        f", {name}={_code(value)}"
        for name, value in parameters.items()
        if value is not defaults[name].default
    ]
    name = function.__name__
    code = f"from skser import {name}\n\n{name}(pipeline, corpus{''.join(given)})"
    return escape(visible_lines(code))


def _code(value: Any) -> str:
    """Return the code of a value, or the ellipsis for one whose `repr` is not code, as of folds."""
    if isinstance(value, np.number):
        value = value.item()
    is_short = isinstance(value, str | Number | NoneType) or hasattr(value, "split")
    return repr(value) if is_short and not repr(value).startswith("<") else "..."


def seeds(estimator: Any) -> dict[str, str]:
    """Return every parameter of an estimator that sets a random number generator."""
    return {
        name: without_addresses(repr(value))
        for name, value in estimator.get_params(deep=True).items()
        if name.rpartition("__")[2] == "random_state"
    }


def shareable(value: Any) -> Any:
    """Return an estimator, or the value of a parameter, that does not reveal where files are.

    Only the last part of an absolute path, such as that of a `memory`, is kept: "…/cache". A page
    is sent to others, to whom the rest would reveal the names of users and servers.

    Parameters
    ----------
    value : object
        Value to show; an estimator is not changed.

    Returns
    -------
    shown : object
        The value; for an estimator, an unfitted copy.
    """
    match value:
        case FrozenEstimator():
            # It is its own clone.
            return FrozenEstimator(shareable(value.estimator))
        case BaseEstimator():
            copy = clone(value)
            parameters = copy.get_params(deep=False)
            return copy.set_params(**{name: shareable(item) for name, item in parameters.items()})
        case str() | PurePath():
            return _last_part(str(value)) or value
        case joblib.Memory():
            return shareable(str(value.location))
        case FeatureStore():
            return replace(value, folder=shareable(value.folder))
        case np.ndarray() if value.dtype.kind in "OU":
            return as_items([shareable(item) for item in value.flat]).reshape(value.shape)
        case dict():
            return {name: shareable(item) for name, item in value.items()}
        case list():
            return [shareable(item) for item in value]
        case tuple():
            shown = [shareable(item) for item in value]
            return value._make(shown) if hasattr(value, "_make") else tuple(shown)
        case _:
            return value


def _last_part(path: str) -> str | None:
    """Return the last part of an absolute path of any system; None if it is not absolute."""
    for flavour in (PurePosixPath(path), PureWindowsPath(path)):
        if flavour.is_absolute() and flavour.name:
            return f"\N{HORIZONTAL ELLIPSIS}/{flavour.name}"
    return None


def written_out(estimator: Any) -> Markup:
    """Return the repr of an estimator without cutting it, line by line."""
    try:
        text = str(estimator.__repr__(N_CHAR_MAX=sys.maxsize))
    except TypeError:
        text = repr(estimator)
    return escape(visible_lines(without_addresses(text)))
