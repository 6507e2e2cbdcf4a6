"""Refuse classifiers whose decision function compares pairs of classes."""

from __future__ import annotations

from typing import Any


def check_decisions_are_of_classes(estimator: Any) -> None:
    """Check that an estimator is not set to return decision values for pairs of classes.

    The number of values does not show it: three classes have three pairs.
    """
    for name, value in estimator.get_params().items():
        if name.endswith("decision_function_shape") and value == "ovo":
            raise ValueError(
                f"{name}='ovo' gives decision values for pairs of classes, but one for each class "
                f"is needed. Pass {name}='ovr'; the labels stay the same."
            )
