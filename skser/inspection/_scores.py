"""Score clips with whichever method a classifier has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skser.compose._pairwise_decisions import check_decisions_are_of_classes

_METHODS = {"predict_proba": "probability", "decision_function": "decision"}
"""Methods that return a score for each class, in order of preference, and their measures."""


@dataclass(frozen=True)
class Scorer:
    """Computes the scores of a fitted classifier's classes; created by `scorer_of`."""

    estimator: Any
    method: str
    classes: list[Any]

    @property
    def measure(self) -> str:
        """Kind of the scores: "probability" or "decision"."""
        return _METHODS[self.method]

    def place(self, label: Any) -> int:
        """Return the column of a class."""
        places = np.flatnonzero([known == label for known in self.classes])
        if len(places) != 1:
            raise ValueError(
                f"label={label!r} is not a class of the model. Pass one of {self.classes}."
            )
        return int(places[0])

    def scores(self, X: Any) -> NDArray[np.float64]:
        """Return scores of shape (n_samples, n_classes)."""
        scores = np.asarray(getattr(self.estimator, self.method)(X), dtype=np.float64)
        if scores.ndim == 1:
            # For two classes, the single score is that of the second class.
            scores = np.column_stack([-scores, scores])
        if scores.shape[1:] != (len(self.classes),):
            raise ValueError(
                f"{type(self.estimator).__name__}.{self.method} returns an array of shape "
                f"{scores.shape}, but one score for each of {len(self.classes)} classes is needed. "
                "Pass a classifier that has predict_proba."
            )
        if not np.isfinite(scores).all():
            raise ValueError(
                f"{type(self.estimator).__name__}.{self.method} returns NaN or infinity for the "
                "clip, or for the clip without one of its patches. Check the features of the "
                "model, or pass a longer window."
            )
        return scores


def scorer_of(estimator: Any) -> Scorer:
    """Return the scorer of a classifier, or raise if it has no score for each class."""
    name = type(estimator).__name__
    method = next((method for method in _METHODS if hasattr(estimator, method)), None)
    if method is None:
        raise ValueError(
            f"{name} has neither predict_proba nor decision_function, so the effect of a part of a "
            "clip on the decision cannot be measured. Use a classifier that has one of them, or "
            "wrap it in CalibratedClassifierCV."
        )
    check_is_fitted(estimator)
    classes = np.asarray(estimator.classes_).tolist()
    if method == "decision_function" and len(classes) > 2:
        check_decisions_are_of_classes(getattr(estimator, "best_estimator_", estimator))
    return Scorer(estimator, method, classes)
