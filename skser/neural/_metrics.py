"""Metrics of Keras that a training reports beside loss and accuracy."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from typing import Any

import keras
from keras import ops

from skser.neural._building import builder_key

_ALWAYS = ("accuracy", "acc")
"""What is measured anyway, by its names in Keras."""

_TAKEN = ("accuracy", "loss", "learning_rate")
"""Names that the history has for something else."""


@keras.saving.register_keras_serializable(package="skser")
class ClassMetric(keras.metrics.Metric):
    """A metric that gets the classes in one form, however the network was given them.

    Parameters
    ----------
    metric : keras.metrics.Metric
    n_classes : int
    """

    def __init__(self, metric: keras.metrics.Metric, n_classes: int) -> None:
        super().__init__(name=metric.name)
        self.metric = metric
        self.n_classes = n_classes
        self.takes_numbers = type(metric).__name__.startswith("Sparse")
        if hasattr(metric, "_direction"):
            # Callbacks read there whether to wait for a maximum or a minimum.
            self._direction = metric._direction

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Hand on the classes: their numbers to a sparse metric, rows of 0 and 1 to others."""
        if len(y_true.shape) == 2 and y_true.shape[-1] == self.n_classes:
            # Of mixed samples, the class that has the larger share.
            y_true = ops.argmax(y_true, axis=-1)
        y_true = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        if not self.takes_numbers:
            y_true = ops.one_hot(y_true, self.n_classes)
        return self.metric.update_state(y_true, y_pred, sample_weight)

    def result(self) -> Any:
        """Return what the metric has measured."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Begin anew."""
        self.metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it anew, which a checkpoint of the model contains."""
        metric = keras.saving.serialize_keras_object(self.metric)
        return {"metric": metric, "n_classes": self.n_classes}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ClassMetric:
        """Make the metric of a config."""
        return cls(keras.saving.deserialize_keras_object(config["metric"]), config["n_classes"])


def make_metrics(metrics: Sequence[Any], n_classes: int) -> tuple[list[ClassMetric], Hashable]:
    """Make the metrics of a training, which share nothing with those that were passed.

    Parameters
    ----------
    metrics : sequence of str, keras.metrics.Metric or callable (y_true, y_pred) -> values
    n_classes : int

    Returns
    -------
    made : list of ClassMetric
    key : hashable
        Equal for metrics that are made alike.

    Raises
    ------
    TypeError
        If one of them is neither of these.
    ValueError
        If Keras does not know one, or a name is taken.
    """
    made: list[ClassMetric] = []
    key: list[Hashable] = []
    for place, metric in enumerate(metrics):
        if metric in _ALWAYS:
            continue
        where = f"metrics[{place}]={metric!r}"
        fresh, known_by = _fresh(metric, where)
        if fresh.name in (*_TAKEN, *(other.name for other in made)):
            raise ValueError(
                f"{where} has the name {fresh.name!r}, which another value of the "
                "history already has. Leave it out, or give it another name."
            )
        made.append(ClassMetric(fresh, n_classes))
        key.append(known_by)
    return made, tuple(key)


def _fresh(metric: Any, where: str) -> tuple[keras.metrics.Metric, Hashable]:
    if isinstance(metric, str):
        try:
            known = keras.metrics.get(metric)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{where} is unknown to Keras, or needs arguments. Pass a name such as 'auc' or "
                "'precision', or an object of keras.metrics."
            ) from error
        # Keras numbers names: the second 'auc' of a process would be 'auc_1'.
        return type(known).from_config({**known.get_config(), "name": metric}), metric
    if isinstance(metric, keras.metrics.Metric):
        config = metric.get_config()
        try:
            fresh = type(metric).from_config(config)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{where} cannot be created again from its config ({error}). Give its class a "
                "get_config, or pass a function (y_true, y_pred) -> values."
            ) from error
        # A config names a function, which may have been defined anew under its name.
        function = getattr(fresh, "_fn", None)
        return fresh, (type(metric), json.dumps(config, sort_keys=True, default=repr), function)
    if callable(metric) and not isinstance(metric, type):
        name = getattr(metric, "__name__", type(metric).__name__)
        return keras.metrics.MeanMetricWrapper(metric, name=name), builder_key(metric)
    raise TypeError(
        f"{where} must be a name, an object of keras.metrics (not a class), or a function "
        "(y_true, y_pred) -> values."
    )
