"""What it takes to repeat a report: versions, seeds, the pipeline in full."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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
    """Return what is installed, by name; skser's own version where it runs from its source."""
    from skser import __version__

    found = {"Python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = __version__ if package == "skser" else "not installed"
    return found


def seeds(estimator: Any) -> dict[str, str]:
    """Return every parameter of an estimator that sets a random number generator."""
    return {
        name: repr(value)
        for name, value in estimator.get_params(deep=True).items()
        if name.rpartition("__")[2] == "random_state"
    }


def written_out(estimator: Any) -> str:
    """Return the whole of an estimator's repr, which is otherwise cut."""
    try:
        return str(estimator.__repr__(N_CHAR_MAX=sys.maxsize))
    except TypeError:
        return repr(estimator)
