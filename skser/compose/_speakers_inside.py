"""Speaker normalizers in an estimator, at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.calibration import CalibratedClassifierCV

from skser.compose._speaker_normalizer import SpeakerNormalizer
from skser.compose._splitters import estimators_in


def normalizers_in(estimator: Any) -> Iterator[SpeakerNormalizer]:
    """Yield each `SpeakerNormalizer` that an estimator is or holds, fitted or as a parameter."""
    if isinstance(estimator, SpeakerNormalizer):
        yield estimator
        return
    for held in estimators_held(estimator):
        yield from normalizers_in(held)


def is_transductive(estimator: Any) -> bool:
    """Tell whether a prediction depends on the other clips that are predicted with it."""
    return any(normalizer.unseen == "batch" for normalizer in normalizers_in(estimator))


def estimators_held(estimator: Any) -> Iterator[Any]:
    """Yield the estimators that the parameters and fitted attributes of an estimator hold."""
    yield from estimators_in([*vars(estimator).values()])
    if isinstance(estimator, CalibratedClassifierCV):
        for fold in getattr(estimator, "calibrated_classifiers_", ()):
            yield fold.estimator
