"""Find the estimators that an estimator holds, at any depth, fitted or as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from sklearn.calibration import CalibratedClassifierCV

from skser.compose._splitters import estimators_in

Kind = TypeVar("Kind")


def outermost(estimator: Any, kind: type[Kind]) -> Iterator[Kind]:
    """Yield the outermost estimators of a kind: the estimator itself, or those that it holds.

    Parameters
    ----------
    estimator : estimator
        Any estimator.
    kind : type
        Class to look for, such as `AudioFeatureUnion`.

    Yields
    ------
    found : estimator
    """
    if isinstance(estimator, kind):
        yield estimator
        return
    for held in estimators_held(estimator):
        yield from outermost(held, kind)


def estimators_held(estimator: Any) -> Iterator[Any]:
    """Yield the estimators that the parameters and fitted attributes of an estimator hold."""
    if not hasattr(estimator, "__dict__"):
        # "drop" and "passthrough".
        return
    yield from estimators_in([*vars(estimator).values()])
    if isinstance(estimator, CalibratedClassifierCV):
        for fold in getattr(estimator, "calibrated_classifiers_", ()):
            yield fold.estimator
