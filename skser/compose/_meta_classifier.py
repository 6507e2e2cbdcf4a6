"""Base of the classifiers that wrap another one and change the clips it is fitted on."""

from __future__ import annotations

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import Tags, assert_all_finite, check_consistent_length, column_or_1d
from sklearn.utils.metadata_routing import (
    UNUSED,
    MetadataRouter,
    MethodMapping,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import has_fit_parameter

from skser._repr import AddressFreeRepr
from skser._sklearn_compat import BaseSearchCV, HasMethods, Interval
from skser.audio._items import Items, check_items
from skser.compose._speaker_calibrated_classifier import SpeakerCalibratedClassifier
from skser.compose._splitters import splitters_inside
from skser.exceptions import AudioError, AudioWarning


@dataclass(eq=False, repr=False)
class MetaClassifier(
    AddressFreeRepr, ClassifierMixin, MetaEstimatorMixin, BaseEstimator, metaclass=ABCMeta
):
    """Check clips and labels, and pass weights and groups on to the estimator inside.

    A subclass implements `fit`, which turns the clips into the training data of `estimator_`, and
    the prediction. It has a parameter `sr`, the sample rate of arrays, for `array_sr`.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "sr": [Interval(Real, 0, None, closed="neither"), None],
    }
    # They are passed on, and requested by the estimators that use them.
    __metadata_request__fit: ClassVar[dict[str, Any]] = {"sample_weight": UNUSED, "groups": UNUSED}

    estimator: Any

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit a clone of the estimator, `estimator_`, on training data made from the clips."""

    @property
    def _inner(self) -> Any:
        """The fitted estimator, or the given one before fit."""
        return getattr(self, "estimator_", self.estimator)

    def _check_X_y(self, X: Any, y: Any) -> tuple[Items, NDArray[Any]]:
        """Validate clips and labels for fit."""
        items = check_items(self, X, reset=True)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        check_consistent_length(items, labels)
        return items, labels

    def _warn_of_splits_inside(self, n_made: int, n_clips: int) -> None:
        """Warn about estimators that split the samples made from the clips regardless of groups."""
        if n_made == n_clips:
            return
        name = type(self).__name__
        found = splitters_inside(self.estimator, groups=self._takes("groups"), n_samples=n_made)
        for splitter in dict.fromkeys(found):
            warnings.warn(
                f"{splitter} inside {name} splits its training data, so samples made from one clip "
                "are in both parts, and what it learns from the held-out part is too optimistic. "
                f"Put it around {name} instead, or turn off its split.",
                AudioWarning,
                # Skips fit and the subclass's _fit, to point at the caller's line.
                stacklevel=4,
            )

    def _takes(self, name: str) -> bool:
        """Return whether the estimator's fit takes (with routing: requests) weights or groups."""
        if is_routing():
            return name in self.get_metadata_routing().consumes("fit", [name])
        return fit_keyword(self.estimator, name) is not None

    def _fit_params(self, metadata: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return the metadata that the estimator's fit takes.

        Other metadata is left out; with routing enabled, scikit-learn raises an error for it.
        """
        if is_routing():
            return dict(process_routing(self, "fit", **metadata)["estimator"].fit)
        keywords = {name: fit_keyword(self.estimator, name) for name in metadata}
        return {keyword: metadata[name] for name, keyword in keywords.items() if keyword}

    def get_metadata_routing(self) -> MetadataRouter:
        """Return the metadata routing to the estimator, for scikit-learn's metadata routing.

        Returns
        -------
        routing : MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


def is_routing() -> bool:
    """Return whether scikit-learn's metadata routing is enabled."""
    return bool(get_config()["enable_metadata_routing"])


def fit_keyword(estimator: Any, name: str) -> str | None:
    """Return the keyword by which an estimator's fit takes weights or groups, or None.

    A pipeline takes them for its last step, as ``step__name``; a search takes groups for its
    splitter, and passes weights to its estimator; `SpeakerCalibratedClassifier` takes groups for
    its folds; any other meta-estimator takes what its inner estimator takes.
    """
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        keyword = fit_keyword(last, name)
        return keyword and f"{step}__{keyword}"
    if isinstance(estimator, BaseSearchCV):
        return name if name == "groups" else fit_keyword(estimator.estimator, name)
    if isinstance(estimator, SpeakerCalibratedClassifier):
        return name if name == "groups" else None
    inner = getattr(estimator, "estimator", None)
    if inner is not None and fit_keyword(inner, name) is None:
        return None
    return name if has_fit_parameter(estimator, name) else None


def groups_keyword(cv: Any) -> str:
    """Return the keyword for the groups of a splitter, which metadata routing can rename."""
    if is_routing():
        name = get_routing_for_object(cv).split.requests.get("groups")
        if isinstance(name, str) and name.isidentifier():
            return name
    return "groups"


def check_groups(groups: Any, n_clips: int) -> NDArray[Any]:
    """Return the group of each clip; without groups, each clip forms its own group."""
    checked = np.arange(n_clips) if groups is None else column_or_1d(groups)
    check_consistent_length(np.empty(n_clips), checked)
    return checked


@contextmanager
def add_error_note(note: str) -> Iterator[None]:
    """Add a note to an `AudioError` that says what its ``X[...]`` counts."""
    try:
        yield
    except AudioError as error:
        error.add_note(note)
        raise
