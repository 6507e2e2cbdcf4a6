from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skser.compose._audio_union import AudioFeatureUnion
from skser.compose._speakers_inside import estimators_held


def unions_in(estimator: Any) -> Iterator[AudioFeatureUnion]:
    """Yield each union of features that an estimator is or holds, fitted or as a parameter."""
    if isinstance(estimator, AudioFeatureUnion):
        yield estimator
        return
    for held in estimators_held(estimator):
        yield from unions_in(held)
