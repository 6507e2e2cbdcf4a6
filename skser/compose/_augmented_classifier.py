from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import Interval, check_sample_weight
from skser._state import restored_on_error
from skser.audio._items import check_items
from skser.augmentation._base import Augment, draw_seed, validate, with_copies
from skser.compose._array_rate import array_sr
from skser.compose._meta_classifier import MetaClassifier, add_error_note, check_groups, is_routing


def _has(method: str) -> Callable[[Any], bool]:
    """Make a check that the inner estimator, fitted or not, has a method."""

    def check(self: AugmentedClassifier) -> bool:
        getattr(self._inner, method)
        return True

    return check


@dataclass(eq=False, repr=False)
class AugmentedClassifier(MetaClassifier):
    """Train a classifier on clips and augmented copies of them; predict without copies.

    Copies are made inside `fit`, that is, after a splitter has held out the test clips: no copy of
    a test clip is used for training or testing. The estimator is fitted on the clips, then their
    first copies, then their second copies, each with the label, weight, group and speaker of its
    clip.

    Parameters
    ----------
    estimator : classifier
        Classifier of clips, such as a pipeline that begins with a feature. Its parameters can be
        searched as ``estimator__...``. Put a search around this class, not inside it, where it
        would separate copies from their clips.
    augment : augmenter
        `AddNoise`, `Compose`, ..., or any callable ``(samples, sample_rate) -> samples``, which
        receives mono float32 samples at the clip's own sample rate. Its parameters can be searched
        as ``augment__...``.
    n_copies : int, default=1
        Number of copies of each clip. If 0, no copies are made.
    random_state : int, RandomState or None, default=None
        Random seed or generator of the copies: copy k of clip i depends only on the seed, i and k,
        whatever `n_jobs` is. The global generators of Python and NumPy are seeded for callables
        that draw from them. A callable with a generator of its own must be seeded separately. The
        threads of joblib's threading backend share the global generators.
    sr : float, default=None
        Sample rate in Hz that arrays are assumed to have; every other clip has its own. If None,
        the rate that the estimator assumes is used (22050 if no part of it sets one). If both set a
        rate, they must agree.
    n_jobs : int, default=None
        Number of processes that make copies, as for `joblib.Parallel`.

    Attributes
    ----------
    estimator_ : classifier
        Fitted estimator.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    n_features_in_ : int
        Number of samples of a clip; only if X was a 2-D array.

    See Also
    --------
    Compose : Apply several augmenters one after the other.

    Notes
    -----
    Copies are held in memory as float32 at the clip's own sample rate: an hour at 48 kHz takes
    0.7 GB per copy. If that is too much, put ``LoadAudio(sr=16000)`` before this classifier.

    The `memory` of a union in the estimator keeps the values of the clips, not those of their
    copies.

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
        **MetaClassifier._parameter_constraints,
        "augment": [callable],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    }

    augment: Augment
    n_copies: int = 1
    random_state: int | np.random.RandomState | None = None
    sr: float | None = None
    n_jobs: int | None = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Make copies, and fit the estimator on the clips and their copies.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,)
            Labels.
        sample_weight : array-like of shape (n_clips,), default=None
            Weights of the clips, which also apply to their copies. If given, they are passed to the
            estimator, or to the last step of a pipeline.
        groups : array-like of shape (n_clips,), default=None
            Speakers. They are passed on in the same way, if the estimator takes groups. If None,
            each clip forms a group with its copies, so that an estimator with a validation split,
            such as `Conv1DClassifier`, holds out clips together with their copies.

        Returns
        -------
        self : object

        Raises
        ------
        AudioError
            If a clip cannot be read, or the augmenter does not return a clip.
        ValueError
            If weights are given but the estimator does not take any, or if clips are arrays and
            `sr` and the estimator state different sample rates.

        Warns
        -----
        AudioWarning
            If the estimator, or one inside it, holds out a part of its training data without
            keeping the copies of a clip together: a cross-validation whose splitter ignores
            groups, early stopping on a validation fraction, or an out-of-bag score.
        """
        with restored_on_error(self):
            return self._fit(X, y, sample_weight, groups)

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        self._validate_params()
        validate(self.augment)
        items, labels = self._check_X_y(X, y)
        n_clips = len(labels)
        metadata = self._metadata(n_clips, sample_weight, groups)
        self._warn_of_splits_inside((1 + self.n_copies) * n_clips, n_clips)
        clips = with_copies(
            items,
            self.augment,
            n_copies=self.n_copies,
            seed=draw_seed(self.random_state),
            sr=array_sr(items, self.sr, self.estimator, type(self).__name__),
            n_jobs=self.n_jobs,
        )
        targets = np.tile(labels, 1 + self.n_copies)
        with add_error_note(f"From X[{n_clips}] on, X[...] counts AugmentedClassifier's copies."):
            self.estimator_ = clone(self.estimator).fit(clips, targets, **metadata)
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
        return self.estimator_.classes_

    def _delegate(self, method: str, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        items = check_items(self, X, reset=False)
        array_sr(items, self.sr, self.estimator_, type(self).__name__)
        return getattr(self.estimator_, method)(items)

    def _metadata(self, n_clips: int, sample_weight: Any, groups: Any) -> dict[str, NDArray[Any]]:
        """Return the metadata for the estimator's fit, for clips and copies."""
        given = {}
        if sample_weight is not None:
            given["sample_weight"] = check_sample_weight(sample_weight, np.empty((n_clips, 1)))
        if groups is not None or (self.n_copies > 0 and self._takes("groups")):
            given["groups"] = check_groups(groups, n_clips)
        repeated = {name: np.tile(values, 1 + self.n_copies) for name, values in given.items()}
        # With routing enabled, scikit-learn itself reports an estimator that does not request it.
        if sample_weight is not None and not (is_routing() or self._takes("sample_weight")):
            raise ValueError(
                f"sample_weight was given, but {type(self.estimator).__name__} does not take it. "
                "Use an estimator whose fit takes sample_weight, or do not pass weights."
            )
        return self._fit_params(repeated)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags = get_tags(self.estimator).classifier_tags
        return tags
