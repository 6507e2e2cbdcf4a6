from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils import (
    Tags,
    assert_all_finite,
    check_consistent_length,
    column_or_1d,
    get_tags,
    indexable,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skser._repr import AddressFreeRepr
from skser._sklearn_compat import HasMethods, safe_indexing
from skser._speakers import check_speakers
from skser.compose._pairwise_decisions import check_decisions_are_of_classes
from skser.exceptions import AudioWarning

_MOST_FOLDS = 5

_LOG_FACTOR = (-10.0, 10.0)
"""Range of the logarithm of the factor of the logits, which is the inverse temperature."""

Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def _has_probabilities(self: SpeakerCalibratedClassifier) -> bool:
    # It is not known before fit.
    if getattr(self, "temperature_", self) is None:
        raise AttributeError(
            "There are no probabilities, because a class had a single clip and they could not be "
            "calibrated. Fit with at least two clips of each class."
        )
    return True


@dataclass(eq=False, repr=False)
class SpeakerCalibratedClassifier(
    AddressFreeRepr, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Add probabilities to a classifier, calibrated on speakers that it was not trained on.

    The labels are those of the classifier itself, fitted on all samples. The probabilities are
    the softmax of its decision values divided by a temperature, which is fitted to decision
    values from shuffled folds [1]_. The folds are speaker-disjoint if `fit` is given groups.

    A temperature keeps the order of the decision values, so the most probable class is the label,
    provided that the classifier predicts the class of the largest decision value. `SVC` does so
    with ``break_ties=True``.

    Parameters
    ----------
    estimator : classifier
        Classifier whose decision function has a value for each class, such as `SVC`.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling of the folds.

    Attributes
    ----------
    estimator_ : classifier
        Classifier fitted on all samples.
    temperature_ : float or None
        Divisor of the decision values. None if a class had a single clip.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
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

        A warning is issued if the probabilities cannot be calibrated on new speakers, or cannot
        be calibrated at all; the labels do not depend on this.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.
        y : array-like of shape (n_samples,)
            Labels.
        groups : array-like of shape (n_samples,), default=None
            Speaker of each sample. If None, the folds are drawn from clips, and the probabilities
            are too high for new speakers.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the decision function returns values for pairs of classes, or the speaker of a clip
            is missing.
        """
        self._validate_params()
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        check_consistent_length(X, labels)
        speakers = None if groups is None else check_speakers(groups, labels)
        check_decisions_are_of_classes(self.estimator)
        classes, codes = np.unique(labels, return_inverse=True)
        folds, problem = _folds(classes, codes, speakers, self.random_state)
        temperature: Any = None
        if folds is not None:
            logits = self._held_out_logits(X, labels, len(classes), folds)
            temperature = fitted_temperature(logits, codes)
        estimator = clone(self.estimator).fit(X, labels)
        if problem:
            warnings.warn(problem, AudioWarning, stacklevel=2)
        self.classes_ = classes
        self.estimator_ = estimator
        self.temperature_ = temperature
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(estimator, name):
                setattr(self, name, getattr(estimator, name))
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each sample with the classifier itself.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Values.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        labels: NDArray[Any] = self.estimator_.predict(X)
        return labels

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
        return softmax(_logits(self.estimator_.decision_function(X)) / self.temperature_, axis=1)

    def _held_out_logits(
        self, X: Any, labels: NDArray[Any], n_classes: int, folds: Folds
    ) -> NDArray[np.float64]:
        """Return the logits of each sample from a classifier that was not trained on it."""
        (X,) = indexable(X)
        logits = np.empty((len(labels), n_classes))
        for train, test in folds:
            fitted = clone(self.estimator).fit(safe_indexing(X, train), labels[train])
            decisions = _logits(fitted.decision_function(safe_indexing(X, test)))
            if decisions.shape[1] != n_classes:
                raise ValueError(
                    f"{type(self.estimator).__name__} gives {decisions.shape[1]} decision values "
                    f"for {n_classes} classes. Pass a classifier whose decision function has one "
                    "for each class."
                )
            logits[test] = decisions
        return logits

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self.estimator).input_tags.sparse
        return tags


def fitted_temperature(logits: NDArray[np.floating], codes: NDArray[np.intp]) -> float:
    r"""Return the temperature that minimises the log loss of the softmax of logits.

    .. math:: T = \arg\min_T -\sum_i \log \operatorname{softmax}(z_i / T)_{y_i}

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes)
    codes : ndarray of shape (n_samples,)
        Index of the class of each sample.

    Returns
    -------
    temperature : float
        Temperature between exp(-10) and exp(10).
    """

    def log_loss(log_factor: float) -> float:
        scaled = log_softmax(np.exp(log_factor) * logits, axis=1)
        return -float(scaled[np.arange(len(codes)), codes].mean())

    xatol = 64 * np.finfo(np.float64).eps
    found = minimize_scalar(
        log_loss, bounds=_LOG_FACTOR, method="bounded", options={"xatol": xatol}
    )
    return float(np.exp(-found.x))


def _logits(decisions: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a value for each class; two classes have a single value, for the second of them."""
    return decisions if decisions.ndim == 2 else np.column_stack([-decisions, decisions])


def _folds(
    classes: NDArray[Any], codes: NDArray[np.intp], speakers: NDArray[Any] | None, seed: Any
) -> tuple[Folds | None, str]:
    """Return folds whose training parts hold every class, and a description of their problem.

    None instead of folds means that no such folds exist.
    """
    n_clips = np.bincount(codes)
    rarest = n_clips.argmin()
    if n_clips[rarest] < 2:
        return None, (
            f"Class {str(classes[rarest])!r} has a single clip, so no probabilities can be "
            "calibrated and the model predicts labels only. Add clips of this class."
        )
    problem = ""
    if speakers is not None:
        folds = _disjoint_folds(codes, speakers, seed)
        if folds is not None:
            return folds, ""
        problem = (
            "Too few speakers for speaker-disjoint folds whose training parts contain every class, "
            "so the probabilities are calibrated on other clips of the same speakers and are too "
            "high for new speakers. Add speakers."
        )
    splitter = StratifiedKFold(min(_MOST_FOLDS, n_clips[rarest]), shuffle=True, random_state=seed)
    return list(splitter.split(codes, codes)), problem


def _disjoint_folds(codes: NDArray[np.intp], speakers: NDArray[Any], seed: Any) -> Folds | None:
    n_classes = codes.max() + 1
    n_speakers = [len(np.unique(speakers[codes == k])) for k in range(n_classes)]
    n_folds = min(_MOST_FOLDS, *n_speakers)
    if n_folds < 2:
        return None
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    folds = list(splitter.split(codes, codes, speakers))
    # Stratification cannot be better than the speakers allow.
    usable = all(len(test) and len(np.unique(codes[train])) == n_classes for train, test in folds)
    return folds if usable else None
