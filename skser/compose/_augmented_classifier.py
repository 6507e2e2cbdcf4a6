from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import (
    Tags,
    assert_all_finite,
    check_consistent_length,
    column_or_1d,
    get_tags,
)
from sklearn.utils.metadata_routing import (
    UNUSED,
    MetadataRouter,
    MethodMapping,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from skser._sklearn_compat import HasMethods, Interval, check_sample_weight
from skser.audio import DEFAULT_SR, check_items
from skser.augmentation import Augment, draw_seed, validate, with_copies
from skser.exceptions import AudioError


def _has(method: str) -> Callable[[Any], bool]:
    """Return a check that the inner estimator, fitted or not, has a method."""

    def check(self: AugmentedClassifier) -> bool:
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


@dataclass(eq=False, repr=False)
class AugmentedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Train a classifier on clips and changed copies of them; predict without copies.

    Copies are made inside `fit`, hence after a splitter has set test clips apart: no copy of a
    test clip is ever trained on, and none is tested. The estimator is fitted on the clips, then
    their first copies, then their second ones, each with the clip's label, weight and group.

    Parameters
    ----------
    estimator : classifier
        From clips to labels, such as a pipeline that begins with a feature. Its parameters are
        searched as ``estimator__...``. A search goes around this class, not inside, where it
        would split copies from their clips.
    augment : augmenter
        `AddNoise`, `Compose`, ..., or any callable ``(samples, sample_rate) -> samples``, given
        mono float32 at the clip's own sample rate. Searched as ``augment__...``.
    n_copies : int, default=1
        Copies of each clip; 0 leaves the estimator as it is.
    random_state : int, RandomState or None, default=None
        Of the copies: what copy k of clip i gets depends on it, i and k alone, whatever
        `n_jobs`. What a callable draws from the global generators of Python and NumPy is
        seeded; one with a generator of its own has to be seeded by its maker, and threads as
        joblib's backend share the global ones.
    sr : float, default=22050
        Sample rate in Hz that arrays are taken to have; every other clip has its own.
    n_jobs : int, default=None
        Clips are shared out among so many processes while copies are made, as for
        `joblib.Parallel`.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    classes_ : ndarray of shape (n_classes,)
        Labels.
    n_features_in_ : int
        Samples a clip; only if X was a 2-D array.

    See Also
    --------
    Compose : Several augmenters, one after the other.

    Notes
    -----
    Copies are held in memory as float32 at the clip's own sample rate: an hour at 48 kHz takes
    0.7 GB a copy. Where that is too much, put ``LoadAudio(sr=16000)`` before.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skser import MFCC, AddNoise, AugmentedClassifier, make_emotional_speech
    >>> corpus = make_emotional_speech(n_per_class=1, random_state=0)
    >>> pipeline = make_pipeline(MFCC(), LogisticRegression(max_iter=10_000))
    >>> classifier = AugmentedClassifier(pipeline, AddNoise(snr=(5, 20)), random_state=0)
    >>> classifier.fit(corpus.data, corpus.target).predict(corpus.data[:3]).shape
    (3,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "augment": [callable],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
        "sr": [Interval(Real, 0, None, closed="neither")],
        "n_jobs": [Integral, None],
    }
    # Not used here but handed on, and requested where they are used.
    __metadata_request__fit: ClassVar[dict[str, Any]] = {"sample_weight": UNUSED, "groups": UNUSED}

    estimator: Any
    augment: Augment
    n_copies: int = 1
    random_state: int | np.random.RandomState | None = None
    sr: float = DEFAULT_SR
    n_jobs: int | None = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Make copies, and fit the estimator on clips and copies.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,)
            Labels.
        sample_weight : array-like of shape (n_clips,), default=None
            Handed on, if given, for clips and copies; of a pipeline, to its last step.
        groups : array-like of shape (n_clips,), default=None
            Speakers. Handed on likewise, if the estimator takes them. If it does and there are
            none, each clip with its copies is a group, so that what the estimator holds out to
            validate on, such as `Conv1DClassifier`, it holds out with its copies.

        Returns
        -------
        self : object

        Raises
        ------
        AudioError
            If a clip cannot be read, or the augmenter returns no clip.
        ValueError
            If weights are given and the estimator takes none.
        """
        self._validate_params()
        validate(self.augment)
        items = check_items(self, X, reset=True)
        if y is None:
            raise ValueError(
                "AugmentedClassifier requires y to be passed, but the target y is None."
            )
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        check_consistent_length(items, labels)
        metadata = self._metadata(len(labels), sample_weight, groups)
        clips = with_copies(
            items,
            self.augment,
            n_copies=self.n_copies,
            seed=draw_seed(self.random_state),
            sr=self.sr,
            n_jobs=self.n_jobs,
        )
        targets = np.tile(labels, 1 + self.n_copies)
        try:
            self.estimator_ = clone(self.estimator).fit(clips, targets, **metadata)
        except AudioError as error:
            error.add_note(f"From X[{len(labels)}] on, X[...] counts AugmentedClassifier's copies.")
            raise
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        labels : ndarray of shape (n_clips,)
        """
        return self._delegate("predict", X)

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[np.floating]:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        probabilities : ndarray of shape (n_clips, n_classes)
            Columns in the order of `classes_`.
        """
        return self._delegate("predict_proba", X)

    @available_if(_has("predict_log_proba"))
    def predict_log_proba(self, X: Any) -> NDArray[np.floating]:
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_clips, n_classes)
            Columns in the order of `classes_`.
        """
        return self._delegate("predict_log_proba", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X: Any) -> NDArray[np.floating]:
        """Compute the estimator's confidence in each class.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        decisions : ndarray of shape (n_clips,) or (n_clips, n_classes)
        """
        return self._delegate("decision_function", X)

    @property
    def classes_(self) -> NDArray[Any]:
        """Labels seen in fit."""
        labels: NDArray[Any] = self.estimator_.classes_
        return labels

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what is routed to the estimator, where scikit-learn's routing is enabled.

        Returns
        -------
        routing : MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    def _delegate(self, method: str, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        answer: NDArray[Any] = getattr(self.estimator_, method)(check_items(self, X, reset=False))
        return answer

    def _metadata(self, n_clips: int, sample_weight: Any, groups: Any) -> dict[str, NDArray[Any]]:
        """Return what the estimator's fit takes besides X and y, for clips and copies."""
        given = {}
        if sample_weight is not None:
            given["sample_weight"] = check_sample_weight(sample_weight, np.empty((n_clips, 1)))
        if groups is not None:
            given["groups"] = column_or_1d(groups)
            check_consistent_length(given["groups"], np.empty(n_clips))
        elif self.n_copies > 0 and self._takes_groups():
            given["groups"] = np.arange(n_clips)
        repeated = {name: np.tile(values, 1 + self.n_copies) for name, values in given.items()}
        if get_config()["enable_metadata_routing"]:
            routed: dict[str, NDArray[Any]] = process_routing(self, "fit", **repeated)[
                "estimator"
            ].fit
            return routed
        if sample_weight is not None and _fit_keyword(self.estimator, "sample_weight") is None:
            raise ValueError(
                f"sample_weight is given, but {type(self.estimator).__name__} takes none. Use an "
                "estimator whose fit has a sample_weight, or give no weights."
            )
        keywords = {name: _fit_keyword(self.estimator, name) for name in repeated}
        return {keyword: repeated[name] for name, keyword in keywords.items() if keyword}

    def _takes_groups(self) -> bool:
        if get_config()["enable_metadata_routing"]:
            return "groups" in get_routing_for_object(self).consumes("fit", ["groups"])
        return _fit_keyword(self.estimator, "groups") is not None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.classifier_tags = get_tags(self.estimator).classifier_tags
        return tags


def _fit_keyword(estimator: Any, name: str) -> str | None:
    """Return the name by which an estimator's fit takes weights or groups, if it does.

    A pipeline takes them for its last step as ``step__name``; a search takes groups for its
    splitter, and hands weights to its estimator.
    """
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        keyword = _fit_keyword(last, name)
        return keyword and f"{step}__{keyword}"
    if isinstance(estimator, GridSearchCV | RandomizedSearchCV):
        return name if name == "groups" else _fit_keyword(estimator.estimator, name)
    return name if has_fit_parameter(estimator, name) else None
