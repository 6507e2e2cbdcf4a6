"""Replace the features of a fitted estimator by values that have been computed once."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import num_samples
from skser.compose import SpeakerNormalizer
from skser.compose._held import estimators_held
from skser.features._base import AudioExtractor

Replace = Callable[[Any], Any]
"""Return the replacement of an object that an estimator holds; None: keep it."""


def feature_source(estimator: Any) -> Any:
    """Return the union or image feature whose columns a fitted estimator returns.

    A `SpeakerNormalizer` standardises each column separately, so its columns are those of its
    extractor. None if the estimator returns something else.
    """
    if isinstance(estimator, SpeakerNormalizer):
        last = getattr(estimator, "extractor_", None)
        while isinstance(last, Pipeline):
            last = last.steps[-1][1]
        return None if last is None else feature_source(last)
    if isinstance(estimator, FeatureUnion) or (
        isinstance(estimator, AudioExtractor) and len(getattr(estimator, "output_shape_", ())) > 1
    ):
        return estimator if _is_fitted(estimator) else None
    return None


def feature_sources(estimator: Any) -> list[Any]:
    """Return the outermost fitted estimators in an estimator that have a `feature_source`."""
    found: dict[int, Any] = {}

    def look(held: Any) -> None:
        if feature_source(held) is not None:
            found[id(held)] = held
            return
        for inner in estimators_held(held):
            look(inner)

    look(estimator)
    return list(found.values())


class Recording(TransformerMixin, BaseEstimator):
    """Replace a fitted transformer, compute its values once, and keep them.

    Parameters
    ----------
    original : transformer
        Fitted transformer.
    n_clips : int
        Number of clips that must be passed to it.
    """

    def __init__(self, original: Any, n_clips: int) -> None:
        self.original = original
        self.n_clips = n_clips
        self.returned: Any = None

    def fit(self, X: Any, y: Any = None) -> Recording:
        """Do nothing."""
        return self

    def transform(self, X: Any) -> Any:
        """Return a copy of the original transformer's values for all clips.

        Later steps may work in place, such as ``StandardScaler(copy=False)``.
        """
        if num_samples(X) != self.n_clips:
            raise ValueError(
                f"{type(self.original).__name__} was given {num_samples(X)} of {self.n_clips} "
                "clips at once, so the values of clips cannot be permuted: an estimator around "
                "it, such as SegmentClassifier, cuts clips or passes them in batches. Pass the "
                "classifier inside that estimator (estimator_), with its pieces as X."
            )
        if self.returned is None:
            self.returned = self.original.transform(X)
        return deepcopy(self.returned)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def recorded(self, place: int) -> Recorded:
        """Return a transformer that returns the computed values."""
        names = getattr(self.returned, "columns", None)
        values = self.returned
        values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
        recorded = Recorded(values, names, place)
        # If the original returned a DataFrame, its replacement must do so, too.
        if values is self.returned:
            recorded._sklearn_output_config = {"transform": "default"}
        elif hasattr(self.original, "_sklearn_output_config"):
            recorded._sklearn_output_config = self.original._sklearn_output_config
        return recorded


def _has_names(self: Recorded) -> bool:
    return self.names is not None


class Recorded(TransformerMixin, BaseEstimator):
    """Return given values, regardless of the clips.

    Parameters
    ----------
    values : ndarray of shape (n_clips, ...)
        Values.
    names : array-like of shape (n_values,) or None
        Column names of the returned DataFrame. If None, an array is returned.
    place : int
        Index of the replaced transformer among those of an estimator.
    """

    def __init__(self, values: NDArray[Any], names: Any, place: int) -> None:
        self.values = values
        self.names = names
        self.place = place

    def fit(self, X: Any, y: Any = None) -> Recorded:
        """Do nothing."""
        return self

    def transform(self, X: Any) -> Any:
        """Return a copy of the values, which later steps may modify."""
        return deepcopy(self.values)

    @available_if(_has_names)
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the values."""
        return np.asarray(self.names, dtype=object)

    def with_values(self, values: NDArray[Any]) -> Recorded:
        """Return a copy of this transformer with other values."""
        other = Recorded(values, self.names, self.place)
        if hasattr(self, "_sklearn_output_config"):
            other._sklearn_output_config = self._sklearn_output_config
        return other

    def __sklearn_is_fitted__(self) -> bool:
        return True


def swapped(value: Any, replace: Replace, *, skip: bool = False) -> Any:
    """Return an estimator with some of its contents replaced; the rest is shared, not copied.

    Parameters
    ----------
    value : object
        Estimator, or a list, tuple or dict that may contain estimators.
    replace : callable
        Function that returns the replacement of an object, or None to keep it.
    skip : bool, default=False
        Whether to pass clips through the steps of a pipeline before a replaced step.

    Returns
    -------
    swapped : object
        Estimator with replacements, or the same object if nothing in it was replaced.
    """
    other = replace(value)
    if other is not None:
        return other
    if isinstance(value, list | tuple):
        items = [swapped(item, replace, skip=skip) for item in value]
        return value if _same(items, value) else type(value)(items)
    if isinstance(value, dict):
        items = [swapped(item, replace, skip=skip) for item in value.values()]
        if _same(items, value.values()):
            return value
        # Keep the type, such as Bunch.
        changed = copy(value)
        changed.update(zip(value, items, strict=True))
        return changed
    if not _holds_estimators(value):
        return value
    state = {name: swapped(held, replace, skip=skip) for name, held in vars(value).items()}
    if _same(state.values(), vars(value).values()):
        return value
    if skip and isinstance(value, Pipeline):
        state["steps"] = _skipping(value.steps, state["steps"])
    holder = object.__new__(type(value))
    holder.__dict__.update(state)
    return holder


def _holds_estimators(value: Any) -> bool:
    if not hasattr(value, "__dict__") or isinstance(value, type):
        return False
    is_estimator = hasattr(value, "get_params") and hasattr(value, "fit")
    # The objects that hold the estimators of a CalibratedClassifierCV are not estimators.
    return is_estimator or type(value).__name__ == "_CalibratedClassifier"


def _same(items: Any, others: Any) -> bool:
    return all(item is other for item, other in zip(items, others, strict=True))


def _skipping(steps: list[Any], replaced: list[Any]) -> list[Any]:
    """Replace the steps before a replaced step by "passthrough"."""
    for place, ((name, before), (_, after)) in enumerate(zip(steps, replaced, strict=True)):
        if after is before:
            continue
        # Other estimators, such as a ColumnTransformer, may use the clips for more than the union.
        if isinstance(after, Recorded | Pipeline):
            skipped = [(earlier, "passthrough") for earlier, _ in steps[:place]]
            return [*skipped, (name, after), *replaced[place + 1 :]]
        break
    return replaced


def _is_fitted(estimator: Any) -> bool:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True
