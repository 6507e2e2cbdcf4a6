"""The one file that imports scikeras, and that drives Keras and TensorFlow.

A network is compiled once per structure and optimizer and kept: compiling anew for every fit
leaks megabytes of native memory and takes longer than many a fit. Each fit resets it, and takes
a copy of its weights along; each prediction puts the weights in that it belongs to.
"""

from __future__ import annotations

import json
import os
import random
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context

from skser.features import is_ragged, pad_ragged
from skser.neural._regularisation import Regularisation
from skser.neural.architectures import Builder, registered_name

if TYPE_CHECKING:
    import keras

Shape = tuple[int | None, ...]
"""Shape of a sample; None where clips differ."""

Weights = list[NDArray[np.float32]]

_NAMING = ("name", "keras_history", "input_layers", "output_layers")
"""Keys of a Keras config whose strings are names of layers."""

_KEPT = 16
"""Compiled networks kept; the least recently used is let go."""

_ROWS, _VALUES = 1024, 2**18
"""Rows that are predicted at once, and values: a network's first layer multiplies them."""

_LOCK = threading.RLock()
"""Seeding is global and networks are shared: one thread at a time."""

_DOUBLINGS = 12
"""How often an input that is too small is doubled, to see whether a longer one would fit."""

_TOO_SMALL = "Computed output size would be"
"""What Keras says of an input that a kernel or pool does not fit into."""

_Key = tuple[Builder, str, str, Regularisation]
"""What a compiled network is known by: builder, structure, optimizer and regularisation.

The builder itself, for a structure as Keras tells it names functions that it does not hold."""

_networks: OrderedDict[_Key, _Network] = OrderedDict()


@dataclass(frozen=True)
class TrainedNetwork:
    """What a fitted classifier keeps of its network; plain arrays and text."""

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

    def _run(self, X: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with _LOCK:
            network = _networks.get(self.key) if self.key else None
            if network is None:
                network = self._rebuilt()
            network.load(self.weights)
            return network.forward(X)

    def _rebuilt(self) -> _Network:
        """Build the network anew, in a process that has not trained it."""
        _import_keras()
        built = _build(self.build, self.input_shape, self.n_classes)
        if [w.shape for w in built.get_weights()] != [w.shape for w in self.weights]:
            raise ValueError(
                "The architecture builds another network now than when it was trained. Use the "
                "code it was trained with, or fit again."
            )
        key = (self.build, _structure(built), self.optimizer, self.regularisation)
        object.__setattr__(self, "key", key)
        network = _networks.get(key)
        if network is None:
            fresh = _regularised(built, self.regularisation)
            network = _Network(fresh, self.optimizer, _loss(self.regularisation))
        return _keep(key, network)

    def __getstate__(self) -> dict[str, Any]:
        # Another process, or another version of Keras, has keys of its own.
        return {**vars(self), "key": None}


@dataclass(frozen=True)
class Samples:
    """What a network is trained on, or validated on."""

    X: NDArray[Any]
    y: NDArray[np.int64]
    weight: NDArray[np.float64] | None

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Return some of the samples."""
        weight = None if self.weight is None else self.weight[rows]
        return Samples(self.X[rows], self.y[rows], weight)


@dataclass(frozen=True)
class Training:
    """How a network is trained."""

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


class _Network:
    """A compiled model with all that a fit changes in it, and how to put that back."""

    def __init__(self, model: keras.Model, optimizer: str, loss: str) -> None:
        import keras
        import tensorflow as tf

        self.model = model
        config = json.loads(optimizer)
        self.optimizer = keras.optimizers.deserialize(config)
        rate = config["config"]["learning_rate"]
        self._learning_rate = rate if isinstance(rate, float) else None
        model.compile(
            optimizer=self.optimizer,
            loss=loss,
            weighted_metrics=["accuracy"],
            jit_compile=False,
        )
        self.optimizer.build(model.trainable_variables)
        self._optimizer_state = [v.numpy() for v in self.optimizer.variables]
        self._loaded: Weights | None = None
        last_dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
        embedding = (last_dense or model.layers)[-1].input
        self.n_units = int(np.prod(embedding.shape[1:]))
        both = keras.Model(model.inputs, [model.outputs[0], keras.layers.Flatten()(embedding)])
        # Traced once, for any number of rows; Keras' own predict takes 30 ms a call.
        signature = [tf.TensorSpec(model.input_shape, tf.float32)]
        forward = tf.function(lambda x: both(x, training=False), input_signature=signature)
        self._forward = forward.get_concrete_function()
        self._as_tensor = tf.convert_to_tensor

    def reset(
        self, fresh: keras.Model, start: TrainedNetwork | None, learning_rate: float | None
    ) -> None:
        """Take the initial state of a model that was just built, random seeds included.

        Or, with `start`, the weights of a trained one, and its optimizer's state if it is kept.
        """
        self._loaded = None
        if fresh is not self.model:
            for variable, initial in zip(self.model.variables, fresh.variables, strict=True):
                variable.assign(initial)
        if start is not None:
            self.model.set_weights(start.weights)
        state = (start and start.optimizer_state) or self._optimizer_state
        for variable, value in zip(self.optimizer.variables, state, strict=True):
            variable.assign(value)
        # What a fit before has reduced begins anew.
        rate = self._learning_rate if learning_rate is None else learning_rate
        if rate is not None:
            try:
                self.optimizer.learning_rate = rate
            except TypeError as error:
                raise ValueError(
                    f"learning_rate={learning_rate!r} cannot replace the schedule that the "
                    "optimizer was made with. Leave one of them out."
                ) from error

    def load(self, weights: Weights) -> None:
        if self._loaded is not weights:
            self.model.set_weights(weights)
            self._loaded = weights

    def forward(self, X: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rows = max(1, min(_ROWS, _VALUES // max(1, X[0].size)))
        chunks = (X[start : start + rows] for start in range(0, len(X), rows))
        parts = [self._forward(self._as_tensor(_padded(chunk))) for chunk in chunks]
        probabilities, embeddings = zip(*parts, strict=True)
        return np.concatenate(probabilities), np.concatenate(embeddings)


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
        What is trained on, and what is watched for early stopping and learning rate.
    training : Training
    input_shape : tuple of int or None
        Shape of a sample; None along frames, where clips of any length are taken.
    start : TrainedNetwork, default=None
        What to go on from, of the same builder and input shape.

    Returns
    -------
    trained : TrainedNetwork
    """
    with _LOCK:
        _import_keras()
        from scikeras.wrappers import BaseWrapper

        optimizer = _optimizer_config(training.optimizer)
        regularisation, loss = training.regularisation, _loss(training.regularisation)
        with _seeded(training.seed):
            built = _build(build, input_shape, n_classes)
            key = (build, _structure(built), optimizer, regularisation)
            fresh = _regularised(built, regularisation)
            network = _networks.get(key) or _Network(fresh, optimizer, loss)
            network.reset(fresh, start, training.learning_rate)
            wrapper = BaseWrapper(
                network.model,
                loss=loss,
                epochs=training.epochs,
                batch_size=training.batch_size,
                verbose=training.verbose,
                callbacks=_callbacks(training, validated=validation is not None),
                fit__validation_data=None if validation is None else _as_tuple(validation),
            )
            # What is not finite is padding: X has been checked.
            with config_context(assume_finite=True):
                wrapper.fit(_padded(samples.X), samples.y, sample_weight=samples.weight)
        _keep(key, network)
        _check_losses(wrapper.history_["loss"])
        _check_probabilities(network.forward(samples.X[:1])[0], build)
        state = (
            [v.numpy() for v in network.optimizer.variables] if training.keep_optimizer else None
        )
        return TrainedNetwork(
            build=build,
            input_shape=input_shape,
            n_classes=n_classes,
            optimizer=optimizer,
            regularisation=regularisation,
            key=key,
            weights=network.model.get_weights(),
            optimizer_state=state,
            n_parameters=network.model.count_params(),
            n_units=network.n_units,
            history={name: [float(v) for v in values] for name, values in wrapper.history_.items()},
        )


def _loss(regularisation: Regularisation) -> str:
    """Mixed labels are shares of classes, others are numbers of classes."""
    return "categorical_crossentropy" if regularisation else "sparse_categorical_crossentropy"


def _padded(X: NDArray[Any]) -> NDArray[np.float32]:
    return pad_ragged(X) if is_ragged(X) else X


def _import_keras() -> None:
    """Import TensorFlow; loky tells its workers how many threads to use, TensorFlow asks else."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdigit():
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", threads)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()!r}, but skser trains on TensorFlow. Set the "
            "environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        )


def _check_losses(losses: Sequence[float]) -> None:
    lost = np.flatnonzero(~np.isfinite(losses))
    if len(lost):
        raise ValueError(
            f"Training diverged: the loss became {losses[lost[0]]} in epoch {lost[0] + 1}. Lower "
            "learning_rate, or scale X (StandardScaler, SpectrogramScaler)."
        )


def _check_probabilities(probabilities: NDArray[np.float32], build: Builder) -> None:
    if (probabilities < 0).any() or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            f"architecture={_name(build)} returns {probabilities[0]}, which are no probabilities. "
            "Let its last layer have the activation 'softmax'."
        )


def _name(build: Builder) -> str:
    return repr(registered_name(build) or getattr(build, "__name__", build))


def _keep(key: _Key, network: _Network) -> _Network:
    _networks[key] = network
    _networks.move_to_end(key)
    while len(_networks) > _KEPT:
        _networks.popitem(last=False)
    return network


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed everything Keras draws from, and leave nothing of it behind."""
    import keras

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        # TensorFlow's seed cannot be read, so it cannot be put back: it gets one that follows
        # from the caller's own generator.
        keras.utils.set_random_seed(random.getrandbits(31))
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def _regularised(model: keras.Model, regularisation: Regularisation) -> keras.Model:
    if not regularisation:
        return model
    from skser.neural._augmenting import AugmentingModel

    return AugmentingModel(model, regularisation)


def _build(build: Builder, input_shape: Shape, n_classes: int) -> keras.Model:
    import keras

    try:
        model = _build_unless_too_small(build, input_shape, n_classes)
    except (ValueError, TypeError) as error:
        if None in input_shape:
            error.add_note(
                f"Clips differ in length, so architecture={_name(build)} was given the shape "
                f"{input_shape}. Set duration in the feature, or pool over frames."
            )
        raise
    if model is None:
        smallest = _smallest_input(build, input_shape, n_classes)
        wanted = "a larger one on another axis" if smallest is None else f"at least {smallest}"
        raise ValueError(
            f"The input of shape {input_shape} is too small for architecture {_name(build)}, "
            f"whose kernels and pools need {wanted}. Give it more values, frames or rows, or take "
            "a smaller network ('small' and 'residual2d' take any size)."
        )
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"architecture={_name(build)} returned {type(model).__name__}, but must return a "
            "keras.Model."
        )
    if not model.built or len(model.inputs) != 1 or model.output_shape != (None, n_classes):
        raise ValueError(
            f"architecture={_name(build)} must return a functional or Sequential keras.Model that "
            f"takes one input of shape (None, {', '.join(map(str, input_shape))}) and returns "
            f"the probabilities of {n_classes} classes, shape (None, {n_classes})."
        )
    if None in input_shape and not _masks_padding(build, model):
        raise ValueError(
            "Clips differ in length, and the shorter ones of a batch get NaN as padding: the first "
            f"layer of architecture={_name(build)} must be skser.neural.layers.MaskPadding. Or set "
            "duration in the feature."
        )
    return model


def _masks_padding(build: Builder, model: keras.Model) -> bool:
    from skser.neural.layers import MaskPadding

    masks = any(isinstance(layer, MaskPadding) for layer in model.layers)
    return masks or getattr(build, "any_length", False)


def _build_unless_too_small(build: Builder, input_shape: Shape, n_classes: int) -> Any | None:
    """Build a network; None if nothing of the input is left after its kernels and pools."""
    try:
        model = build(input_shape, n_classes)
    except ValueError as error:
        if _TOO_SMALL not in str(error):
            raise
        return None
    import keras

    # Some versions of Keras let a pool leave nothing.
    outputs = keras.tree.flatten([layer.output for layer in getattr(model, "layers", [])])
    empty = any(0 in output.shape for output in outputs)
    return None if empty else model


def _smallest_input(build: Builder, input_shape: Shape, n_classes: int) -> Shape | None:
    """Find the smallest input a network can be built for, each axis on its own.

    None if it is not a longer input that the network wants.
    """

    def fits(shape: list[Any]) -> bool:
        return _build_unless_too_small(build, tuple(shape), n_classes) is not None

    shape: list[Any] = list(input_shape)
    spatial = [axis for axis, n in enumerate(shape[:-1]) if n is not None]
    for _ in range(_DOUBLINGS):
        if fits(shape):
            break
        for axis in spatial:
            shape[axis] *= 2
    else:
        return None
    for axis in spatial:
        enough = range(1, shape[axis] + 1)
        shape[axis] = enough[
            bisect_left(enough, True, key=lambda n: fits([*shape[:axis], n, *shape[axis + 1 :]]))
        ]
    return tuple(shape)


def _as_tuple(samples: Samples) -> tuple[NDArray[Any], ...]:
    parts = (_padded(samples.X), samples.y, samples.weight)
    return tuple(part for part in parts if part is not None)


def _structure(model: keras.Model) -> str:
    """Describe a model's layers, equal for models that differ only in automatic names."""
    names: dict[str, str] = {}

    def canonical(node: Any, is_name: bool = False) -> Any:
        if isinstance(node, dict):
            return {key: canonical(value, key in _NAMING) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [canonical(value, is_name) for value in node]
        if is_name and isinstance(node, str):
            return names.setdefault(node, f"#{len(names)}")
        return node

    return json.dumps(canonical(json.loads(model.to_json())), sort_keys=True)


def _optimizer_config(optimizer: str | keras.optimizers.Optimizer) -> str:
    """Serialise an optimizer, without its name, so that equal ones are recognised."""
    import keras

    if isinstance(optimizer, str):
        try:
            optimizer = keras.optimizers.get(optimizer)
        except ValueError as error:
            known = sorted(
                name.lower()
                for name, value in vars(keras.optimizers).items()
                if isinstance(value, type)
                and issubclass(value, keras.optimizers.Optimizer)
                and name != "Optimizer"
            )
            raise ValueError(
                f"optimizer={optimizer!r} is unknown. Keras has {', '.join(known)}."
            ) from error
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(f"optimizer={optimizer!r} must be a name or a keras.optimizers.Optimizer.")
    config = keras.optimizers.serialize(optimizer)
    config["config"].pop("name")
    try:
        text = json.dumps(config, sort_keys=True, default=float)
        keras.optimizers.deserialize(json.loads(text))
    except TypeError as error:
        raise ValueError(
            f"optimizer={optimizer!r} cannot be made anew from its config. Decorate its class with "
            "keras.saving.register_keras_serializable()."
        ) from error
    return text


def _cosine(epochs: int) -> keras.callbacks.Callback:
    """Let the learning rate fall from what it is to 0 along half a cosine."""
    import keras

    class Cosine(keras.callbacks.LearningRateScheduler):
        def on_train_begin(self, logs: Any = None) -> None:
            first = float(self.model.optimizer.learning_rate)
            decay = keras.optimizers.schedules.CosineDecay(first, epochs)
            self.schedule = lambda epoch, _: float(decay(epoch))

    return Cosine(None)


def _callbacks(training: Training, *, validated: bool) -> Sequence[keras.callbacks.Callback]:
    import keras

    monitor = "val_loss" if validated else "loss"
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.TerminateOnNaN()]
    if training.reduce_lr == "cosine":
        callbacks.append(_cosine(training.epochs))
    elif isinstance(training.reduce_lr, tuple):
        factor, patience = training.reduce_lr
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(monitor, factor=factor, patience=patience)
        )
    if training.early_stopping is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor, patience=training.early_stopping, restore_best_weights=True
            )
        )
    return callbacks
