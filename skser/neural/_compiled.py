"""A compiled network, which is reset for each fit and predicts for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skser.neural._batches import predict_in_chunks

if TYPE_CHECKING:
    import keras

Weights = list[NDArray[np.float32]]

_ROWS = 16
"""Number of samples to differentiate at once, since the outputs of all layers are kept."""


class CompiledNetwork:
    """A compiled model that knows the state a fit changes, and can restore it."""

    def __init__(
        self, model: keras.Model, optimizer: str, loss: str, metrics: Sequence[Any] = ()
    ) -> None:
        import keras
        import tensorflow as tf

        from skser.neural.layers import EnsembleDense, pooled_crossentropy

        self.model = model
        last = _last_dense(model)
        self.loss = pooled_crossentropy if isinstance(last, EnsembleDense) else loss
        config = json.loads(optimizer)
        self.optimizer = keras.optimizers.deserialize(config)
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            _without_all_reduce(self.optimizer)
        rate = config["config"]["learning_rate"]
        self._learning_rate = rate if isinstance(rate, float) else None
        model.compile(
            optimizer=self.optimizer,
            loss=self.loss,
            weighted_metrics=["accuracy", *metrics],
            jit_compile=False,
        )
        self.optimizer.build(model.trainable_variables)
        _make_metrics(model, loss)
        _check_scalar(metrics)
        model.reset_metrics()
        self._optimizer_state = [v.numpy() for v in self.optimizer.variables]
        self._loaded: Weights | None = None
        both = with_embedding(model)
        self.n_units = both.output_shape[1][1]
        # Traced once for any number of rows; Keras' own predict takes 30 ms per call.
        signature = [tf.TensorSpec(model.input_shape, tf.float32)]
        forward = tf.function(lambda x: both(x, training=False), input_signature=signature)
        self._forward = forward.get_concrete_function()
        self._as_tensor = tf.convert_to_tensor

    def reset(
        self,
        fresh: keras.Model,
        learning_rate: float | None,
        weights: Weights | None,
        optimizer_state: Weights | None,
    ) -> None:
        """Take over the initial state of a model that was just built, random seeds included.

        Where training continues, take the given weights instead, and the given state of the
        optimizer, if it was kept.
        """
        self._loaded = None
        if fresh is not self.model:
            for variable, initial in zip(self.model.variables, fresh.variables, strict=True):
                variable.assign(initial)
        if weights is not None:
            self.model.set_weights(weights)
        state = optimizer_state or self._optimizer_state
        for variable, value in zip(self.optimizer.variables, state, strict=True):
            variable.assign(value)
        # A previous fit may have reduced the learning rate.
        rate = self._learning_rate if learning_rate is None else learning_rate
        if rate is not None:
            try:
                self.optimizer.learning_rate = rate
            except TypeError as error:
                raise ValueError(
                    f"learning_rate={learning_rate!r} cannot replace the schedule that the "
                    "optimizer was made with. Remove one of the two."
                ) from error

    def load(self, weights: Weights) -> None:
        """Load the weights, unless they are loaded already."""
        if self._loaded is not weights:
            # If interrupted here, the network holds only some of the weights.
            self._loaded = None
            self.model.set_weights(weights)
            self._loaded = weights

    def forward(self, X: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return class probabilities, and the values of the last hidden layer."""
        widths = (self.model.output_shape[-1], self.n_units)
        return predict_in_chunks(lambda x: self._forward(self._as_tensor(x)), X, widths)

    def gradients(self, X: NDArray[np.float32], place: int) -> NDArray[np.float32]:
        """Return the gradient of one class's probability with respect to each row of X."""
        import tensorflow as tf

        parts = []
        for start in range(0, len(X), _ROWS):
            rows = self._as_tensor(X[start : start + _ROWS])
            with tf.GradientTape() as tape:
                tape.watch(rows)
                # The probability of a row does not depend on other rows.
                probability = tf.reduce_sum(self.model(rows, training=False)[:, place])
            parts.append(tape.gradient(probability, rows).numpy())
        return np.concatenate(parts)


def with_embedding(model: keras.Model) -> keras.Model:
    """Return a model with the same layers whose outputs are probabilities and embedding."""
    import keras

    embedding = keras.tree.flatten(_last_dense(model).input)[0]
    return keras.Model(model.inputs, [model.outputs[0], keras.layers.Flatten()(embedding)])


def _last_dense(model: keras.Model) -> keras.layers.Layer:
    """Return the last dense layer, or the last layer if none is dense."""
    import keras

    from skser.neural.layers import EnsembleDense

    kinds = (keras.layers.Dense, EnsembleDense)
    dense = [layer for layer in model.layers if isinstance(layer, kinds)]
    return (dense or model.layers)[-1]


def _without_all_reduce(optimizer: keras.optimizers.Optimizer) -> None:
    """Make an optimizer use gradients as they are, since there is only one device.

    To sum gradients over devices, TensorFlow registers a gradient of each sum and keeps it, and
    with it the graph of the training step: some megabytes for every network that is compiled.
    """
    optimizer._all_reduce_sum_gradients = list
    if hasattr(optimizer, "inner_optimizer"):
        _without_all_reduce(optimizer.inner_optimizer)


def _make_metrics(model: keras.Model, loss: str) -> None:
    """Create the variables of the metrics, so that Keras does not trace the first step twice."""
    x = np.zeros([size or 1 for size in model.input_shape], np.float32)
    predicted = np.zeros((1, model.output_shape[-1]), np.float32)
    labels = np.zeros(1) if loss.startswith("sparse") else predicted
    model.compute_metrics(x, labels, predicted)


def _check_scalar(metrics: Sequence[keras.metrics.Metric]) -> None:
    for metric in metrics:
        size = np.size(metric.result())
        if size != 1:
            raise ValueError(
                f"The metric {metric.name!r} gives {size} values, but history_ has one for each "
                "epoch. Have it average them, as keras.metrics.F1Score(average='macro') does."
            )
