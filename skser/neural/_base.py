"""Base of the classifiers that train a network."""

from __future__ import annotations

import copy
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit
from sklearn.utils import (
    Tags,
    check_consistent_length,
    check_random_state,
    compute_sample_weight,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skser._docs import fill
from skser._repr import AddressFreeRepr
from skser._sklearn_compat import (
    Interval,
    StrOptions,
    check_partial_fit_first_call,
    check_sample_weight,
)
from skser.audio._finite import report_nonfinite_sample
from skser.exceptions import AudioError
from skser.neural import _adapter
from skser.neural._batches import Samples
from skser.neural._building import Shape, quoted_name
from skser.neural._regularisation import Regularisation
from skser.neural.architectures._registry import (
    Builder,
    get_architecture,
    list_architectures,
    registered,
)
from skser.preprocessing._ragged import check_ragged, fits, is_ragged

if TYPE_CHECKING:
    import keras

_EARLY_STOPPING_PATIENCE = 10
_REDUCE_LR = (0.5, 5)
_CLASSIFIERS = ("DenseClassifier", "Conv1DClassifier", "Conv2DClassifier")
"""The classifiers whose networks convolve over zero, one and two axes."""


@dataclass(eq=False, repr=False)
class NetworkClassifier(
    AddressFreeRepr,
    ClassNamePrefixFeaturesOutMixin,
    ClassifierMixin,
    TransformerMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Base of the classifiers that train a network; a subclass implements `_as_input`.

    A subclass also sets `_dimensions`, the number of axes that its networks convolve over.
    Samples may differ in length along the last of these.
    """

    _dimensions: ClassVar[int]

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "architecture": [str, callable],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "validation_split": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean", Interval(Integral, 1, None, closed="left")],
        "reduce_lr": ["boolean", tuple, StrOptions({"cosine"})],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "mixup": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "metrics": [list, tuple, None],
        "callbacks": [list, tuple, None],
    }

    architecture: str | Callable[[tuple[int, ...], int], keras.Model] = "small"
    optimizer: str | keras.optimizers.Optimizer = "adam"
    learning_rate: float | None = None
    epochs: int = 50
    batch_size: int = 32
    validation_split: float = 0.0
    early_stopping: bool | int = False
    reduce_lr: bool | str | tuple[float, int] = False
    class_weight: str | dict[Any, float] | None = None
    mixup: float = 0.0
    warm_start: bool = False
    random_state: int | np.random.RandomState | None = None
    verbose: int = 0
    metrics: Sequence[Any] | None = None
    callbacks: Sequence[keras.callbacks.Callback] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__doc__ = fill(cls.__doc__)

    @abstractmethod
    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Reshape X to the input shape of the network, or raise ValueError."""

    def _check_array(self, X: Any, *, reset: bool) -> NDArray[np.float32]:
        """Validate an array of samples that share one shape, and check n_features_in_."""
        checked: NDArray[np.float32] = validate_data(
            self, X, dtype=np.float32, allow_nd=True, reset=reset
        )
        return checked

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Train the network.

        If training fails, the classifier keeps its previous state.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs.
        y : array-like of shape (n_samples,)
            Labels, such as text or integers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample in the loss.
        groups : array-like of shape (n_samples,), default=None
            Speaker of each sample. With `validation_split`, whole speakers are held out, so that
            no speaker appears in both the training and the validation part.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If y contains a single class, X contains NaN or infinity, the input is too small for the
            network, the network does not take inputs of this kind, or training diverges; with
            `warm_start`, if X, y or the architecture do not match those of the previous fit.
        """
        fitted = copy.copy(self)
        fitted._fit(X, y, sample_weight, groups)
        return self._become(fitted)

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> None:
        self._validate_params()
        inputs = self._inputs(X, reset=True)
        y = self._labels(y, inputs)
        classes, encoded = np.unique(y, return_inverse=True)
        _check_several(classes, "y")
        start = None
        if self.warm_start and hasattr(self, "network_"):
            start = self.network_
            if not np.array_equal(classes, self.classes_):
                raise ValueError(
                    f"warm_start continues a fit on the classes {self.classes_.tolist()}, but "
                    f"y holds {classes.tolist()}. Fit with warm_start=False."
                )
            self._check_shape(inputs)
        self.classes_: NDArray[Any] = classes
        weight = self._weights(inputs, y, sample_weight)
        samples = Samples(inputs, encoded, weight)
        self._train(samples, self._training(start), start, groups)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one more epoch, continuing from the last call or from `fit`.

        If training fails, the classifier keeps its previous state. `validation_split`,
        `early_stopping`, `reduce_lr` and `callbacks` have no effect here.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs.
        y : array-like of shape (n_samples,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All classes that can occur in any call. Required in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample in the loss.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `classes` is missing in the first call or contains a single class, y contains a class
            that is not among them, `class_weight` is "balanced", which cannot be computed from a
            part of the data, the architecture differs from that of the last call, or training
            diverges.
        """
        fitted = copy.copy(self)
        fitted._partial_fit(X, y, classes, sample_weight)
        return self._become(fitted)

    def _partial_fit(self, X: Any, y: Any, classes: Any, sample_weight: Any) -> None:
        self._validate_params()
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight 'balanced' is not supported for partial_fit. In order to use "
                "'balanced' weights, use compute_class_weight('balanced', classes=classes, y=y). "
                "In place of y you can use a large enough sample of the full training set target "
                "to properly estimate the class frequency distributions. Pass the resulting "
                "weights as the class_weight parameter, a dict of class to weight."
            )
        first = check_partial_fit_first_call(self, classes)
        _check_several(self.classes_, "classes")
        inputs = self._inputs(X, reset=first)
        y = self._labels(y, inputs)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y holds {unknown.tolist()}, which are not among the classes "
                f"{self.classes_.tolist()} of the first call."
            )
        if not first:
            self._check_shape(inputs)
        encoded = np.searchsorted(self.classes_, y)
        samples = Samples(inputs, encoded, self._weights(inputs, y, sample_weight))
        start = None if first else self.network_
        training = replace(
            self._training(start),
            epochs=1,
            early_stopping=None,
            reduce_lr=None,
            callbacks=(),
            keep_optimizer=True,
        )
        self._train(samples, training, start, None, split=False)

    def _become(self, fitted: Self) -> Self:
        """Take over the state of a fitted copy in one step."""
        self.__dict__ = fitted.__dict__
        return self

    def _train(
        self,
        samples: Samples,
        training: _adapter.Training,
        start: _adapter.TrainedNetwork | None,
        groups: Any,
        *,
        split: bool = True,
    ) -> None:
        builder = self._builder()
        entry = registered(builder)
        takes_any = is_ragged(samples.X) if entry is None else entry.any_length
        if is_ragged(samples.X) and not takes_any:
            raise ValueError(
                f"X holds clips that differ in length, but architecture={quoted_name(builder)} "
                "needs clips of one length. Set duration (seconds or 'max') in the feature, or "
                f"choose a network that accepts any length: {self._that_take_any_length()}."
            )
        part, validation = samples, None
        if split and self.validation_split > 0:
            kept, held_out = self._split(samples.y, groups, self._split_seed)
            part, validation = samples.take(kept), samples.take(held_out)
        before = {} if start is None else self.history_
        self.network_: _adapter.TrainedNetwork = _adapter.train(
            builder,
            len(self.classes_),
            part,
            validation,
            training,
            input_shape=(
                self._shape(samples.X, any_length=takes_any) if start is None else start.input_shape
            ),
            start=start,
        )
        self.history_: dict[str, list[float]] = _joined(before, self.network_.history)
        self.n_epochs_ = len(self.history_["loss"])
        self.n_parameters_ = self.network_.n_parameters
        self._n_features_out = self.network_.n_units

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

        Raises
        ------
        AudioError
            If the values of a sample are so large that the network overflows.
        """
        inputs = self._check(X)
        probabilities = self.network_.predict_proba(inputs).astype(np.float64)
        _check_outputs(probabilities, inputs, "probabilities")
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
            Predicted labels, of the same type as y in fit.

        Raises
        ------
        AudioError
            If the values of a sample are so large that the network overflows.
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[most_probable]
        return labels

    def keras_model(self) -> keras.Model:
        """Return the fitted network as a Keras model.

        The model is a copy: changing it, for example by fine-tuning, does not change the
        classifier.

        Returns
        -------
        model : keras.Model
            Model that maps inputs of shape (n_samples, ..., n_channels) to probabilities of shape
            (n_samples, n_classes), with columns in the order of `classes_`. Vectors and images
            need an explicit axis for their single channel, which the classifier adds by itself.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ImportError
            If TensorFlow is not installed.
        """
        check_is_fitted(self)
        return self.network_.to_keras()

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the embedding: the values that enter the last dense layer.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of the shape seen in fit.

        Returns
        -------
        embedding : ndarray of shape (n_samples, n_units), dtype=float32

        Raises
        ------
        AudioError
            If the values of a sample are so large that the network overflows.
        """
        inputs = self._check(X)
        embedding = self.network_.embed(inputs)
        _check_outputs(embedding, inputs, "embedding")
        return embedding

    def _gradients(self, X: Any, place: int) -> NDArray[np.float32]:
        """Differentiate the probability of one class with respect to X.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Inputs of one shape.
        place : int
            Column of the class.

        Returns
        -------
        gradients : ndarray of the shape of the network's inputs, dtype=float32
        """
        return self.network_.gradients(self._check(X), place)

    def _check(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        inputs = self._inputs(X, reset=False)
        self._check_shape(inputs)
        return inputs

    def _inputs(self, X: Any, *, reset: bool) -> NDArray[Any]:
        """Validate X; return an array of inputs, or an object array if they differ in length."""
        if self._dimensions:
            X = check_ragged(X, axis=self._dimensions - 1)
            if is_ragged(X):
                # check_ragged has made sure that samples are finite and differ in length only.
                self._check_array(X[0][np.newaxis], reset=reset)
                inputs = np.empty(len(X), dtype=object)
                for index, item in enumerate(X):
                    inputs[index] = self._as_input(item[np.newaxis])[0]
                return inputs
        with report_nonfinite_sample(X):
            return self._as_input(self._check_array(X, reset=reset))

    def _labels(self, y: Any, inputs: NDArray[Any]) -> NDArray[Any]:
        labels: NDArray[Any] = validate_data(self, y=y, reset=False)
        check_consistent_length(inputs, labels)
        check_classification_targets(labels)
        return labels

    def _shape(self, inputs: NDArray[Any], *, any_length: bool) -> Shape:
        """Return the shape of a sample, with None along frames if any length is accepted."""
        shape: list[int | None] = list(inputs[0].shape)
        if any_length and self._dimensions:
            shape[self._dimensions - 1] = None
        return tuple(shape)

    def _check_shape(self, inputs: NDArray[Any]) -> None:
        fitted = self.network_.input_shape
        for index in range(len(inputs)) if is_ragged(inputs) else [0]:
            shape = inputs[index].shape
            if not fits(shape, fitted):
                advice = (
                    " Give clips one length (duration), or fit a network that accepts any length: "
                    f"{self._that_take_any_length()}."
                )
                raise ValueError(
                    f"X[{index}] has shape {shape}, but {type(self).__name__} was fitted on shape "
                    f"{fitted}.{advice if self._dimensions else ''}"
                )

    def _builder(self) -> Builder:
        chosen = self.architecture
        builder = chosen if callable(chosen) else get_architecture(chosen)
        if hasattr(builder, "get_params"):
            # set_params of the classifier may change it after the fit.
            builder = clone(builder)
        entry = registered(builder)
        if entry is not None and entry.dimensions != self._dimensions:
            fitting = list_architectures().query("dimensions == @self._dimensions")
            raise ValueError(
                f"architecture={entry.name!r} is a network for {_CLASSIFIERS[entry.dimensions]}, "
                f"but {type(self).__name__} takes {_quoted(fitting['name'])}."
            )
        return builder

    def _that_take_any_length(self) -> str:
        fitting = list_architectures().query("any_length and dimensions == @self._dimensions")
        return _quoted(fitting["name"])

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
        """Return the rows to train on, which hold every class, and the rows to validate on."""
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
                f"{self.classes_[missing].tolist()} to train on: all their speakers (groups) are "
                "held out. Lower validation_split, or do not pass groups."
            )
        return training, validation

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _regularisation(self) -> Regularisation:
        return Regularisation(mixup=float(self.mixup))

    def _training(self, start: _adapter.TrainedNetwork | None) -> _adapter.Training:
        self._n_trainings: int = 0 if start is None else self._n_trainings + 1
        seed = _drawn_seed(self.random_state, self._n_trainings)
        if start is None:
            # Continued training must not see the samples that it is validated on.
            self._split_seed: int = seed
        patience = self.early_stopping
        if isinstance(patience, bool | np.bool_):
            patience = _EARLY_STOPPING_PATIENCE if patience else 0
        return _adapter.Training(
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            epochs=self.epochs,
            batch_size=self.batch_size,
            early_stopping=patience or None,
            reduce_lr=_reduction(self.reduce_lr),
            regularisation=self._regularisation(),
            keep_optimizer=self.warm_start,
            verbose=int(self.verbose),
            seed=seed,
            metrics=self.metrics or (),
            callbacks=self.callbacks or (),
        )


def _check_several(classes: NDArray[Any], owner: str) -> None:
    if len(classes) < 2:
        raise ValueError(
            f"{owner} holds only one class ({str(classes[0])!r}), but a classifier needs at "
            "least two. Add clips of another class, or check how the labels were read."
        )


def _drawn_seed(random_state: Any, n_before: int) -> int:
    """Draw the next seed; an integer `random_state` skips the `n_before` draws made before."""
    n_draws = n_before + 1 if isinstance(random_state, Integral) else 1
    draws = check_random_state(random_state).randint(np.iinfo(np.int32).max, size=n_draws)
    return int(draws[-1])


def _check_outputs(outputs: NDArray[np.floating], inputs: NDArray[Any], what: str) -> None:
    """Raise if outputs of a network are not finite, although its inputs are."""
    lost = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
    if len(lost):
        index = int(lost[0])
        largest = float(np.abs(inputs[index]).max())
        others = f", nor are those of {len(lost) - 1} other samples" if len(lost) > 1 else ""
        raise AudioError(
            f"X[{index}]: its {what} {'is' if what == 'embedding' else 'are'} not finite{others}. "
            f"Its values, up to {largest:.3g} in magnitude, overflow in the network. Scale X as "
            "in fit (StandardScaler, SpectrogramScaler)."
        )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _joined(
    before: dict[str, list[float]], after: dict[str, list[float]]
) -> dict[str, list[float]]:
    """Concatenate two histories, with NaN for metrics that one of them lacks."""
    if not before:
        return after
    n_before, n_after = len(before["loss"]), len(after["loss"])
    return {
        name: before.get(name, [np.nan] * n_before) + after.get(name, [np.nan] * n_after)
        for name in before | after
    }


def _reduction(reduce_lr: Any) -> str | tuple[float, int] | None:
    """Return "cosine", a tuple (factor, patience), or None."""
    if isinstance(reduce_lr, str):
        return reduce_lr
    if isinstance(reduce_lr, bool | np.bool_):
        return _REDUCE_LR if reduce_lr else None
    if len(reduce_lr) == 2:
        factor, patience = reduce_lr
        valid = isinstance(factor, Real) and isinstance(patience, Integral)
        if valid and 0 < factor < 1 and patience > 0:
            return float(factor), int(patience)
    raise ValueError(
        f"reduce_lr={reduce_lr!r} must be True, False, 'cosine', or a factor between 0 and 1 and a "
        "patience of at least 1 epoch, such as (0.5, 5)."
    )
