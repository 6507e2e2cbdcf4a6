from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.ensemble import VotingClassifier
from sklearn.utils.validation import check_is_fitted

from skser._repr import AddressFreeRepr

LEAST_PROBABILITY = 1e-9
"""Lower bound for probabilities, so that no classifier alone can rule out a class."""


class GeometricVotingClassifier(AddressFreeRepr, VotingClassifier):
    r"""Combine classifiers by the geometric mean of their probabilities.

    This is a `~sklearn.ensemble.VotingClassifier` with ``voting="soft"``, except that the mean of
    the probabilities is geometric, the logarithmic opinion pool [1]_:

    .. math:: P(c \mid x) \propto \prod_i \max(P_i(c \mid x), 10^{-9})^{w_i / \sum_j w_j}

    A class is probable only if every classifier gives it some probability. In an arithmetic mean, a
    classifier with probabilities near 0 and 1 decides almost alone; in a geometric mean, one with
    nearly uniform probabilities, such as a strongly regularised regression, keeps its full
    influence.

    Parameters
    ----------
    estimators : list of (str, estimator)
        Classifiers with ``predict_proba``, by name. "drop" in place of an estimator leaves it out.
    weights : array-like of shape (n_classifiers,), default=None
        Weight of each classifier. If None, all weights are equal.
    n_jobs : int, default=None
        Number of classifiers to fit at a time, as for `joblib.Parallel`.
    verbose : bool, default=False
        Whether to print the time of each fit.

    Attributes
    ----------
    estimators_ : list of estimators
        Fitted classifiers, without those that were dropped.
    named_estimators_ : Bunch
        Fitted classifiers by name.
    le_ : LabelEncoder
        Encoder of the labels.
    classes_ : ndarray of shape (n_classes,)
        Class labels.

    See Also
    --------
    make_recognizer : Combine a logistic regression and a network in this way with "best".

    References
    ----------
    .. [1] C. Genest, J. V. Zidek, "Combining Probability Distributions: A Critique and an Annotated
       Bibliography", Statistical Science 1(1), 1986.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from skser import MFCC, GeometricVotingClassifier, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=3, random_state=0)
    >>> regression = LogisticRegression(C=0.01, max_iter=1000)
    >>> members = [("regression", regression), ("bayes", GaussianNB())]
    >>> model = make_pipeline(MFCC(5), GeometricVotingClassifier(members, weights=[2, 1]))
    >>> model.fit(speech.data, speech.target).predict_proba(speech.data).shape
    (30, 5)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        name: constraint
        for name, constraint in VotingClassifier._parameter_constraints.items()
        if name not in ("voting", "flatten_transform")
    }

    def __init__(
        self,
        estimators: list[tuple[str, Any]],
        *,
        weights: ArrayLike | None = None,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(estimators, voting="soft", weights=weights, n_jobs=n_jobs, verbose=verbose)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute the normalised geometric mean of the classifiers' probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of the classifiers, such as clips.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        logs = np.log(np.maximum(self._collect_probas(X), LEAST_PROBABILITY))
        pooled = np.average(logs, axis=0, weights=self._weights_not_none)
        return np.asarray(softmax(pooled, axis=1), dtype=np.float64)
