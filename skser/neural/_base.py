"""Base of the classifiers that train a network."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit
from sklearn.utils import Tags, check_random_state, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skser._docs import fill
from skser._sklearn_compat import Interval, StrOptions, check_sample_weight
from skser.neural import _adapter
from skser.neural.architectures import Builder, get_architecture

if TYPE_CHECKING:
    import keras

_EARLY_STOPPING_PATIENCE = 10
_REDUCE_LR = (0.5, 5)


@dataclass(eq=False, repr=False)
class NetworkClassifier(
    ClassNamePrefixFeaturesOutMixin,
    ClassifierMixin,
    TransformerMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Train a network as a scikit-learn classifier; a leaf writes `_as_input`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "architecture": [str, callable],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "validation_split": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean", Interval(Integral, 1, None, closed="left")],
        "reduce_lr": ["boolean", tuple],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    architecture: str | Callable[[tuple[int, ...], int], keras.Model] = "small"
    optimizer: str | keras.optimizers.Optimizer = "adam"
    learning_rate: float | None = None
    epochs: int = 50
    batch_size: int = 32
    validation_split: float = 0.0
    early_stopping: bool | int = False
    reduce_lr: bool | tuple[float, int] = False
    class_weight: str | dict[Any, float] | None = None
    random_state: int | np.random.RandomState | None = None
    verbose: int = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__doc__ = fill(cls.__doc__)

    @abstractmethod
    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give X the shape that the network takes, or raise ValueError."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs.
        y : array-like of shape (n_samples,)
            Labels of any type.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts in the loss.
        groups : array-like of shape (n_samples,), default=None
            Speakers. With `validation_split`, whole speakers are held out, so that those
            validated on are not those trained on.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If y holds a single class, or the input is too small for the network.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float32, allow_nd=True)
        check_classification_targets(y)
        self.classes_, encoded = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y holds only one class ({str(self.classes_[0])!r}), but a classifier needs at "
                "least two. Add clips of another class, or look at how the labels were read."
            )
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        samples = _adapter.Samples(self._as_input(X), encoded, self._weights(X, y, sample_weight))
        training, validation = samples, None
        if self.validation_split > 0:
            kept, held_out = self._split(encoded, groups, seed)
            training, validation = samples.take(kept), samples.take(held_out)
        self.network_ = _adapter.train(
            self._builder(), len(self.classes_), training, validation, self._training(seed)
        )
        self.history_ = self.network_.history
        self.n_epochs_ = len(self.history_["loss"])
        self.n_parameters_ = self.network_.n_parameters
        self._n_features_out = self.network_.n_units
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of the shape seen in fit.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        inputs = self._check(X)
        probabilities = self.network_.predict_proba(inputs).astype(np.float64)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of the shape seen in fit.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Of the type that y had in fit.
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[most_probable]
        return labels

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the embedding: the values that enter the last dense layer.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of the shape seen in fit.

        Returns
        -------
        embedding : ndarray of shape (n_samples, n_units), dtype=float32
        """
        inputs = self._check(X)
        return self.network_.embed(inputs)

    def _check(self, X: Any) -> NDArray[np.float32]:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, allow_nd=True, reset=False)
        inputs = self._as_input(X)
        if inputs.shape[1:] != self.network_.input_shape:
            raise ValueError(
                f"X holds samples of shape {inputs.shape[1:]}, but {type(self).__name__} was "
                f"fitted on shape {self.network_.input_shape}."
            )
        return inputs

    def _builder(self) -> Builder:
        if callable(self.architecture):
            return self.architecture
        return get_architecture(self.architecture)

    def _weights(self, X: Any, y: Any, sample_weight: Any) -> NDArray[np.float64] | None:
        if sample_weight is None and self.class_weight is None:
            return None
        weight: NDArray[np.float64] = check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if self.class_weight is not None:
            weight = weight * compute_sample_weight(self.class_weight, y)
        return weight

    def _split(
        self, y: NDArray[np.int64], groups: Any, seed: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows trained on, where every class is, and those validated on."""
        if groups is None:
            splitter = StratifiedShuffleSplit(1, test_size=self.validation_split, random_state=seed)
        else:
            share = min(self.validation_split, 1 - self.validation_split)
            n_speakers = len(np.unique(groups))
            n_folds = min(max(2, round(1 / share)), max(2, n_speakers))
            splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
        try:
            training, validation = next(splitter.split(y, y, groups))
        except ValueError as error:
            raise ValueError(
                f"validation_split={self.validation_split!r} cannot be held out of {len(y)} "
                f"samples: {error}"
            ) from error
        if groups is not None and self.validation_split > 0.5:
            training, validation = validation, training
        missing = np.setdiff1d(y, y[training])
        if len(missing):
            raise ValueError(
                f"validation_split={self.validation_split!r} leaves no sample of "
                f"{self.classes_[missing].tolist()} to train on: their speakers (groups) are all "
                "held out. Lower it, or pass no groups."
            )
        return training, validation

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _training(self, seed: int) -> _adapter.Training:
        patience = self.early_stopping
        if isinstance(patience, bool | np.bool_):
            patience = _EARLY_STOPPING_PATIENCE if patience else 0
        return _adapter.Training(
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            epochs=self.epochs,
            batch_size=self.batch_size,
            early_stopping=patience or None,
            reduce_lr=_factor_and_patience(self.reduce_lr),
            verbose=int(self.verbose),
            seed=seed,
        )


def _factor_and_patience(reduce_lr: Any) -> tuple[float, int] | None:
    if isinstance(reduce_lr, bool | np.bool_):
        return _REDUCE_LR if reduce_lr else None
    if len(reduce_lr) == 2:
        factor, patience = reduce_lr
        valid = isinstance(factor, Real) and isinstance(patience, Integral)
        if valid and 0 < factor < 1 and patience > 0:
            return float(factor), int(patience)
    raise ValueError(
        f"reduce_lr={reduce_lr!r} must be True, False, or a factor between 0 and 1 and a patience "
        "of at least 1 epoch, such as (0.5, 5)."
    )
