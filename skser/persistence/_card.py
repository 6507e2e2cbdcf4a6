"""Write the card of a model file, its description."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from skser._repr import describe_folds
from skser._sklearn_compat import BaseSearchCV
from skser.compose._array_rate import array_rates
from skser.exceptions import ModelFileError
from skser.metrics import EmotionReport
from skser.persistence._read_card import FORMAT

_PACKAGES = ("scikit-learn", "numpy", "scipy", "librosa", "skops")
_NEEDED = {"skser.neural": ("keras", "tensorflow"), "skser.pretrained": ("onnxruntime",)}


def make_card(
    estimator: Any, given: Mapping[str, Any], trust: list[str], *, modules: set[str]
) -> dict[str, Any]:
    """Describe an estimator.

    Parameters
    ----------
    estimator : estimator
    given : mapping
        Entries given by the author. They may replace all entries that are found automatically,
        except for the format, the versions and the names to trust.
    trust : list of str
        Names that `load_model` needs as `trusted`.
    modules : set of str
        Modules whose objects the file holds.

    Returns
    -------
    card : dict
        Card made of text, numbers, lists and dicts.

    Raises
    ------
    ModelFileError
        If `given` cannot be written as JSON, or replaces an entry that must not be replaced.
    TypeError
        If `given` is not a mapping.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"card={given!r} must be a dict, such as {{'note': 'For tests.'}}.")
    fixed = {"format", "versions", "trust"} & given.keys()
    if fixed:
        raise ModelFileError(
            f"card= cannot set {sorted(fixed)}, which save_model sets itself. Remove it from card."
        )
    card = {
        "format": FORMAT,
        "estimator": _outline(estimator),
        "classes": getattr(estimator, "classes_", None),
        "input": _input(estimator),
        "score": _score_of_search(estimator),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "licence": None,
        "note": None,
        **given,
        "versions": _versions(modules),
        "trust": trust,
    }
    try:
        plain: dict[str, Any] = _plain(card)
    except RecursionError as error:
        raise ModelFileError("card= cannot be written, because it holds itself.") from error
    return plain


def to_json(card: Mapping[str, Any]) -> bytes:
    """Write a card as JSON that people and programs can read.

    Raises
    ------
    ModelFileError
        If JSON or UTF-8 cannot represent a text or a number of it.
    """
    try:
        return json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ModelFileError(f"card= cannot be written: {error}.") from error


def _plain(value: Any) -> Any:
    """Convert a value to the types of JSON, with None for numbers that are not finite."""
    match value:
        # Before the types of Python, because some types of NumPy are subclasses of them.
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case None | str() | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(_plain(name)): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case os.PathLike():
            return os.fspath(value)
        case EmotionReport():
            return _plain(_score_of_report(value))
        case _:
            raise ModelFileError(
                f"card= cannot be written, because {value!r} is not JSON. Use text, numbers, lists "
                "and dicts, or an EmotionReport as the score."
            )


def _score_of_report(report: EmotionReport) -> dict[str, Any]:
    recall = report.ranking["recall"]
    return {
        "uar": report.uar,
        "uar_interval": report.uar_interval,
        "confidence_level": report.confidence_level,
        "protocol": report.covers,
        "accuracy": report.accuracy,
        "n_clips": int(report.confusion.to_numpy().sum()),
        "n_speakers": None if report.speakers is None else len(report.speakers),
        "recall": {str(name): float(value) for name, value in recall.items()},
        "transductive": report.transductive,
    }


def _score_of_search(estimator: Any) -> dict[str, Any] | None:
    if not isinstance(estimator, BaseSearchCV) or not hasattr(estimator, "best_score_"):
        return None
    scoring = estimator.scoring
    return {
        "scoring": scoring if isinstance(scoring, str | None) else repr(scoring),
        "value": estimator.best_score_,
        "protocol": (
            f"best of a search, cv={describe_folds(estimator.cv)}, {estimator.n_splits_} folds"
        ),
    }


def _input(estimator: Any) -> dict[str, Any]:
    rates = array_rates(estimator)
    if not rates:
        return {"kind": "arrays", "shape": [None, getattr(estimator, "n_features_in_", None)]}
    return {"kind": "clips", "sample_rate": min(rates) if len(rates) == 1 else sorted(rates)}


def _outline(estimator: Any) -> str:
    """Name an estimator and those inside it, without their parameters."""
    inside: list[Any] = []
    for value in estimator.get_params(deep=False).values():
        held = value if isinstance(value, list | tuple) else [value]
        for item in held:
            part = item[1] if isinstance(item, tuple) and len(item) > 1 else item
            if hasattr(part, "get_params") and not isinstance(part, type):
                inside.append(part)
    name = type(estimator).__name__
    return f"{name}({', '.join(map(_outline, inside))})" if inside else name


def _versions(modules: set[str]) -> dict[str, str]:
    from skser import __version__

    packages = [*_PACKAGES]
    for module, needed in _NEEDED.items():
        if module in modules:
            packages += needed
    found = {"skser": __version__, "python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
