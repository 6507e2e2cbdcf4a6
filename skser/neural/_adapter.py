"""The only module that imports scikeras: it trains networks and keeps what they learnt.

A network is compiled once per structure and optimizer, and then reused: compiling for every fit
leaks megabytes of native memory and often takes longer than the fit itself. Each fit resets the
network and keeps a copy of its weights; each prediction first loads its own weights.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context

from skser.neural._batches import Samples, ragged_batches
from skser.neural._building import Shape, build_model, builder_key, quoted_name, structure
from skser.neural._compiled import CompiledNetwork, Weights
from skser.neural._keras import import_keras, seeded, without_retracing_warnings
from skser.neural._optimizers import (
    copies_of,
    is_of_keras,
    is_same_optimizer,
    make_callbacks,
    optimizer_config,
)
from skser.neural._regularisation import Regularisation
from skser.neural.architectures._registry import Builder, get_architecture, registered
from skser.preprocessing._ragged import is_ragged

if TYPE_CHECKING:
    import keras

_KEPT = 16
"""Number of compiled networks to keep; the least recently used one is dropped."""

_LOCK = threading.RLock()
"""Seeding is global and networks are shared, so only one thread at a time may use them."""

_Key = tuple[Hashable, str, str, Regularisation, Hashable]
"""Key of a compiled network: builder, structure, optimizer, regularisation and metrics.

The builder is part of it because a structure serialised by Keras names functions that it does
not contain."""

_networks: OrderedDict[_Key, CompiledNetwork] = OrderedDict()


@dataclass(frozen=True)
class TrainedNetwork:
    """State that a fitted classifier keeps of its network, as plain arrays and text."""

    build: Builder
    input_shape: Shape
    n_classes: int
    optimizer: str
    regularisation: Regularisation
    key: _Key | None = field(repr=False)
    weights: Weights = field(repr=False)
    optimizer_state: Weights | None = field(repr=False)
    n_parameters: int
    n_units: int
    history: dict[str, list[float]] = field(repr=False)

    def predict_proba(self, X: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities of shape (n_rows, n_classes)."""
        return self._run(X)[0]

    def embed(self, X: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values of the last hidden layer, shape (n_rows, n_units)."""
        return self._run(X)[1]

    def gradients(self, X: NDArray[np.float32], place: int) -> NDArray[np.float32]:
        """Return the gradient of one class's probability with respect to X, shaped like X."""
        with _LOCK:
            return self._loaded().gradients(X, place)

    def _run(self, X: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with _LOCK:
            return self._loaded().forward(X)

    def _loaded(self) -> CompiledNetwork:
        """Return the compiled network with these weights loaded."""
        network = _networks.get(self.key) if self.key else None
        if network is None:
            network = self._rebuilt()
        network.load(self.weights)
        return network

    def _rebuilt(self) -> CompiledNetwork:
        """Build the network again, in a process that has not trained it."""
        import_keras()
        built = self._built()
        # Predictions measure nothing.
        key = (builder_key(self.build), structure(built), self.optimizer, self.regularisation, ())
        object.__setattr__(self, "key", key)
        network = _networks.get(key)
        if network is None:
            fresh = _regularised(built, self.regularisation)
            network = CompiledNetwork(fresh, self.optimizer, _loss(self.regularisation))
        return _keep(key, network)

    def _built(self) -> keras.Model:
        built = build_model(self.build, self.input_shape, self.n_classes)
        if [w.shape for w in built.get_weights()] != [w.shape for w in self.weights]:
            raise ValueError(
                "The architecture builds a different network now than when it was trained. Use "
                "the code that it was trained with, or fit again."
            )
        return built

    def to_keras(self) -> keras.Model:
        """Build a separate Keras model with these weights."""
        with _LOCK:
            import_keras()
            built = self._built()
            built.set_weights(self.weights)
            return built

    def structure(self) -> str:
        """Describe the layers, as `skser.neural._building.structure` does."""
        return structure(self._built()) if self.key is None else self.key[1]

    def __getstate__(self) -> dict[str, Any]:
        entry = registered(self.build)
        build = self.build if entry is None else entry.name
        # Keys are not valid in another process or with another version of Keras.
        return {**vars(self), "key": None, "build": build}

    def __setstate__(self, state: dict[str, Any]) -> None:
        build = state["build"]
        if isinstance(build, str):
            build = get_architecture(build)
        # Building a network with more outputs than it has weights for could exhaust the memory.
        if state["n_classes"] > max(values.size for values in state["weights"]):
            raise ValueError(
                f"The weights do not belong to a network with {state['n_classes']} classes."
            )
        vars(self).update({**state, "build": build})


@dataclass(frozen=True)
class Training:
    """Settings of a training run."""

    optimizer: str | keras.optimizers.Optimizer
    learning_rate: float | None
    epochs: int
    batch_size: int
    early_stopping: int | None
    reduce_lr: str | tuple[float, int] | None
    regularisation: Regularisation
    keep_optimizer: bool
    verbose: int
    seed: int
    metrics: Sequence[Any] = ()
    callbacks: Sequence[Any] = ()


def train(
    build: Builder,
    n_classes: int,
    samples: Samples,
    validation: Samples | None,
    training: Training,
    *,
    input_shape: Shape,
    start: TrainedNetwork | None = None,
) -> TrainedNetwork:
    """Build a network, train it through scikeras, and return what it learnt.

    Parameters
    ----------
    build : callable (input_shape, n_classes) -> keras.Model
    n_classes : int
    samples, validation : Samples
        Samples to train on, and samples to monitor for early stopping and the learning rate.
    training : Training
    input_shape : tuple of int or None
        Shape of a sample, with None along frames if clips of any length are accepted.
    start : TrainedNetwork, default=None
        Network to continue from, of the same structure and input shape. Its optimizer state is
        reused if the optimizer is the same except for its learning rate.

    Returns
    -------
    trained : TrainedNetwork

    Raises
    ------
    ValueError
        If the builder builds a network whose structure differs from that of `start`, or training
        diverges.
    """
    with _LOCK:
        import_keras()
        from scikeras.wrappers import BaseWrapper

        from skser.neural._metrics import make_metrics

        optimizer = optimizer_config(training.optimizer)
        regularisation, loss = training.regularisation, _loss(training.regularisation)
        metrics, measured = make_metrics(training.metrics, n_classes)
        callbacks = copies_of(training.callbacks)
        # A user's callback may freeze layers or change the optimizer, even while they are traced.
        is_shared = all(map(is_of_keras, callbacks))
        state = None
        if start is not None and is_same_optimizer(start.optimizer, optimizer):
            state = start.optimizer_state
        with seeded(training.seed):
            # Seeded separately from the training, because building a network draws seeds.
            before = None if start is None else start.structure()
        with seeded(training.seed):
            try:
                built = build_model(build, input_shape, n_classes)
            except (ValueError, TypeError) as error:
                if start is None or builder_key(build) == builder_key(start.build):
                    raise
                raise _another_network(start, build) from error
            key = (builder_key(build), structure(built), optimizer, regularisation, measured)
            if start is not None and key[1] != before:
                raise _another_network(start, build)
            fresh = _regularised(built, regularisation)
            network = _networks.get(key) if is_shared else None
            if network is None:
                network = CompiledNetwork(fresh, optimizer, loss, metrics)
            network.reset(
                fresh,
                training.learning_rate,
                weights=start.weights if start else None,
                optimizer_state=state,
            )
            ragged = is_ragged(samples.X)
            if ragged:
                # scikeras gets row indices in place of X; the wrapper passes Keras the batches.
                batches = ragged_batches(samples, training.batch_size, input_shape, training.seed)
                wrapped: type[BaseWrapper] = _handing_on(batches)
                arrays: tuple[NDArray[Any], ...] = (
                    np.arange(len(samples.y))[:, np.newaxis],
                    samples.y,
                )
            else:
                wrapped, arrays = BaseWrapper, samples.arrays()
            if validation is None:
                validated = None
            elif ragged:
                validated = ragged_batches(validation, training.batch_size, input_shape, None)
            else:
                validated = validation.arrays()
            wrapper = wrapped(
                network.model,
                loss=network.loss,
                epochs=training.epochs,
                batch_size=training.batch_size,
                verbose=training.verbose,
                callbacks=[
                    *make_callbacks(
                        training.reduce_lr,
                        training.early_stopping,
                        epochs=training.epochs,
                        validated=validation is not None,
                    ),
                    *callbacks,
                ],
                fit__validation_data=validated,
                fit__shuffle=not ragged,
            )
            # X has been checked.
            with config_context(assume_finite=True), without_retracing_warnings():
                wrapper.fit(*arrays)
        if is_shared:
            _keep(key, network)
        # scikeras renames metrics in its own.
        history = _numbers(network.model.history.history)
        _check_losses(history)
        weights = network.model.get_weights()
        _check_probabilities(network.forward(samples.X[:1])[0], weights, build)
        state = None
        if training.keep_optimizer:
            state = [v.numpy() for v in network.optimizer.variables]
        return TrainedNetwork(
            build=build,
            input_shape=input_shape,
            n_classes=n_classes,
            optimizer=optimizer,
            regularisation=regularisation,
            key=key,
            weights=weights,
            optimizer_state=state,
            n_parameters=network.model.count_params(),
            n_units=network.n_units,
            history=history,
        )


def _another_network(start: TrainedNetwork, build: Builder) -> ValueError:
    return ValueError(
        f"Training cannot continue: architecture={quoted_name(build)} is not the network of "
        f"architecture={quoted_name(start.build)} that was trained before. Restore the previous "
        "architecture, or fit again with warm_start=False."
    )


def _handing_on(batches: Any) -> type[Any]:
    """Return a scikeras wrapper that trains on these batches, whatever data `fit` gets."""
    from scikeras.wrappers import BaseWrapper
    from sklearn.preprocessing import FunctionTransformer

    class Wrapper(BaseWrapper):
        @property
        def feature_encoder(self) -> FunctionTransformer:
            return FunctionTransformer(lambda rows: batches)

        @property
        def target_encoder(self) -> FunctionTransformer:
            return FunctionTransformer(lambda labels: None)

    return Wrapper


def _loss(regularisation: Regularisation) -> str:
    """Return the loss: mixed labels are proportions of classes, others are class indices."""
    return "categorical_crossentropy" if regularisation else "sparse_categorical_crossentropy"


def _numbers(logged: Mapping[str, Sequence[Any]]) -> dict[str, list[float]]:
    """Return what was logged in every epoch as a number; callbacks may log other things."""
    history = {}
    for name, values in logged.items():
        if len(values) == len(logged["loss"]):
            with suppress(TypeError, ValueError):
                history[name] = [float(value) for value in values]
    return history


def _check_losses(history: Mapping[str, Sequence[float]]) -> None:
    for name, what in (("loss", "loss"), ("val_loss", "validation loss")):
        losses = history.get(name, [])
        lost = np.flatnonzero(~np.isfinite(losses))
        if len(lost):
            raise _diverged(f"the {what} became {losses[lost[0]]} in epoch {lost[0] + 1}")


def _check_probabilities(
    probabilities: NDArray[np.float32], weights: Weights, build: Builder
) -> None:
    if not all(np.isfinite(values).all() for values in [*weights, probabilities]):
        raise _diverged("the weights or outputs of the network are not finite after the last epoch")
    if (probabilities < 0).any() or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            f"architecture={quoted_name(build)} returns {probabilities[0]}, which are not "
            "probabilities. Give its last layer the activation 'softmax'."
        )


def _diverged(what: str) -> ValueError:
    return ValueError(
        f"Training diverged: {what}. Lower learning_rate, or scale X (StandardScaler, "
        "SpectrogramScaler)."
    )


def _keep(key: _Key, network: CompiledNetwork) -> CompiledNetwork:
    _networks[key] = network
    _networks.move_to_end(key)
    while len(_networks) > _KEPT:
        _networks.popitem(last=False)
    return network


def _regularised(model: keras.Model, regularisation: Regularisation) -> keras.Model:
    if not regularisation:
        return model
    from skser.neural._augmenting import AugmentingModel

    return AugmentingModel(model, regularisation)
