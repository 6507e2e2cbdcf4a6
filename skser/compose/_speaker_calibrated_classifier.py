from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import Tags, assert_all_finite, check_consistent_length, column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import HasMethods
from skser.exceptions import AudioWarning

_MOST_FOLDS = 5

Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def _has_probabilities(self: SpeakerCalibratedClassifier) -> bool:
    # Before fit nobody knows.
    if getattr(self, "calibrated_", self) is None:
        raise AttributeError(
            "There are no probabilities: a class had a single clip, so that they could not be "
            "calibrated."
        )
    return True


@dataclass(eq=False, repr=False)
class SpeakerCalibratedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Give a classifier probabilities that are calibrated on speakers it was not trained on.

    The labels are those of the classifier itself, fitted on all samples. The probabilities are
    the softmax of its decision values divided by a temperature, which is fitted to decision
    values from shuffled folds [1]_. The folds are speaker-disjoint if `fit` is given groups.

    A temperature keeps the order of the decision values, so the most probable class is the label,
    provided that the classifier predicts the class of the largest decision value. `SVC` does so
    with ``break_ties=True``.

    Parameters
    ----------
    estimator : classifier
        Classifier with a decision function, such as `SVC`.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling of the folds.

    Attributes
    ----------
    estimator_ : classifier
        Classifier fitted on all samples. It knows a class by its place in `classes_`.
    calibrated_ : CalibratedClassifierCV or None
        Source of the probabilities. None if a class had a single clip.
    classes_ : ndarray of shape (n_classes,)
        Labels.
    n_features_in_ : int
        Number of features.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural
       Networks", ICML 2017.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict", "decision_function"])],
        "random_state": ["random_state"],
    }

    estimator: Any
    random_state: int | np.random.RandomState | None = None

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Fit the classifier on all samples, and the temperature on folds of them.

        A warning says so if the probabilities cannot be calibrated on new speakers, or not at
        all; the labels do not depend on it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.
        y : array-like of shape (n_samples,)
            Labels.
        groups : array-like of shape (n_samples,), default=None
            Speakers. None: the folds are drawn from clips, and the probabilities are too high for
            new speakers.

        Returns
        -------
        self : object
        """
        self._validate_params()
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        encoder = LabelEncoder()
        codes = encoder.fit_transform(labels)
        check_consistent_length(X, codes)
        folds, problem = _folds(encoder.classes_, codes, groups, self.random_state)
        calibrated: Any = None
        if folds is None:
            estimator = clone(self.estimator).fit(X, codes)
        else:
            calibrated = CalibratedClassifierCV(
                self.estimator, method="temperature", cv=folds, ensemble=False
            ).fit(X, codes)
            estimator = calibrated.calibrated_classifiers_[0].estimator
        if problem:
            warnings.warn(problem, AudioWarning, stacklevel=2)
        self.classes_ = encoder.classes_
        self.estimator_ = estimator
        self.calibrated_ = calibrated
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(estimator, name):
                setattr(self, name, getattr(estimator, name))
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each sample by the classifier itself.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        return self.classes_[self.estimator_.predict(X)]

    def decision_function(self, X: Any) -> NDArray[np.floating]:
        """Compute the classifier's confidence in each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.

        Returns
        -------
        decisions : ndarray of shape (n_samples,) or (n_samples, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> NDArray[np.floating]:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.calibrated_.predict_proba(X)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self.estimator).input_tags.sparse
        return tags


def _folds(
    classes: NDArray[Any], codes: NDArray[np.intp], groups: Any, seed: Any
) -> tuple[Folds | None, str]:
    """Return folds whose training parts hold every class, and what is wrong with them.

    None instead of folds: there are none.
    """
    n_clips = np.bincount(codes)
    rarest = n_clips.argmin()
    if n_clips[rarest] < 2:
        return None, (
            f"Class {str(classes[rarest])!r} has a single clip, so no probabilities can be "
            "calibrated: the model predicts labels only. Add clips of this class."
        )
    problem = ""
    if groups is not None:
        speakers = LabelEncoder().fit_transform(column_or_1d(groups))
        check_consistent_length(codes, speakers)
        folds = _disjoint_folds(codes, speakers, seed)
        if folds is not None:
            return folds, ""
        problem = (
            "Too few speakers for speaker-disjoint folds whose training parts hold every class, "
            "so the probabilities are calibrated on other clips of the same speakers and are too "
            "high for new speakers. Add speakers."
        )
    splitter = StratifiedKFold(min(_MOST_FOLDS, n_clips[rarest]), shuffle=True, random_state=seed)
    return list(splitter.split(codes, codes)), problem


def _disjoint_folds(codes: NDArray[np.intp], speakers: NDArray[np.intp], seed: Any) -> Folds | None:
    n_classes = codes.max() + 1
    n_speakers = [len(np.unique(speakers[codes == k])) for k in range(n_classes)]
    n_folds = min(_MOST_FOLDS, *n_speakers)
    if n_folds < 2:
        return None
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    folds = list(splitter.split(codes, codes, speakers))
    # Stratification is only as good as the speakers allow.
    usable = all(len(test) and len(np.unique(codes[train])) == n_classes for train, test in folds)
    return folds if usable else None
