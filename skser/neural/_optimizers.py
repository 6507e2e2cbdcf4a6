"""Optimizers, and callbacks that change the learning rate or stop the training."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def optimizer_config(optimizer: str | keras.optimizers.Optimizer) -> str:
    """Serialise an optimizer without its name, so that equal optimizers are recognised."""
    import keras

    if isinstance(optimizer, str):
        name, optimizer = optimizer, _optimizer_named(optimizer)
        if optimizer is None:
            names = sorted(
                key.lower()
                for key, value in vars(keras.optimizers).items()
                if isinstance(value, type) and _optimizer_named(key) is not None
            )
            raise ValueError(f"optimizer={name!r} is unknown. Choose from {', '.join(names)}.")
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(f"optimizer={optimizer!r} must be a name or a keras.optimizers.Optimizer.")
    config = keras.optimizers.serialize(optimizer)
    config["config"].pop("name")
    try:
        text = json.dumps(config, sort_keys=True, default=float)
        keras.optimizers.deserialize(json.loads(text))
    except TypeError as error:
        raise ValueError(
            f"optimizer={optimizer!r} cannot be rebuilt from its config. Decorate its class with "
            "keras.saving.register_keras_serializable()."
        ) from error
    return text


def is_same_optimizer(one: str, other: str) -> bool:
    """Return whether one optimizer may take over the state of another.

    Parameters
    ----------
    one, other : str
        Configurations as returned by `optimizer_config`.

    Returns
    -------
    same : bool
        Whether they are equal, except for a learning rate that is a number.
    """
    configs = [json.loads(one), json.loads(other)]
    for config in configs:
        # A schedule is a dict and is not part of the state.
        if isinstance(config["config"].get("learning_rate"), float):
            config["config"]["learning_rate"] = 0.0
    return bool(configs[0] == configs[1])


def _optimizer_named(name: str) -> keras.optimizers.Optimizer | None:
    """Return the optimizer of a name, or None if it needs arguments, as wrappers of others do."""
    import keras

    try:
        return keras.optimizers.get(name)
    except (ValueError, KeyError, TypeError):
        return None


def make_callbacks(
    reduce_lr: str | tuple[float, int] | None,
    early_stopping: int | None,
    *,
    epochs: int,
    validated: bool,
) -> Sequence[keras.callbacks.Callback]:
    """Make the callbacks of a training run.

    Parameters
    ----------
    reduce_lr : "cosine", (float, int) or None
        How to reduce the learning rate: along a cosine, or by a factor after a plateau of as many
        epochs as the patience.
    early_stopping : int or None
        Patience in epochs.
    epochs : int
        Number of epochs of the training run.
    validated : bool
        Whether to monitor the loss on held-out samples.

    Returns
    -------
    callbacks : sequence of keras.callbacks.Callback
    """
    import keras

    monitor = "val_loss" if validated else "loss"
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.TerminateOnNaN()]
    if reduce_lr == "cosine":
        callbacks.append(_cosine(epochs))
    elif isinstance(reduce_lr, tuple):
        factor, patience = reduce_lr
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(monitor, factor=factor, patience=patience)
        )
    if early_stopping is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor, patience=early_stopping, restore_best_weights=True
            )
        )
    return callbacks


def copies_of(callbacks: Sequence[Any]) -> list[keras.callbacks.Callback]:
    """Copy callbacks for a training, which puts its network into them.

    Parameters
    ----------
    callbacks : sequence of keras.callbacks.Callback

    Returns
    -------
    copies : list of keras.callbacks.Callback

    Raises
    ------
    TypeError
        If one is something else.
    ValueError
        If one cannot be copied.
    """
    import keras

    copies: list[keras.callbacks.Callback] = []
    # Callbacks that refer to each other do so as copies, too.
    memo: dict[int, Any] = {}
    for place, callback in enumerate(callbacks):
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                f"callbacks[{place}]={callback!r} must be an object of keras.callbacks.Callback, "
                "not a class or a function."
            )
        try:
            copies.append(copy.deepcopy(callback, memo))
        except Exception as error:
            raise ValueError(
                f"callbacks[{place}], a {type(callback).__name__}, cannot be copied, but each fit "
                f"needs a copy of its own ({type(error).__name__}: {error}). Open files and the "
                "like in its on_train_begin."
            ) from error
    return copies


def is_of_keras(callback: keras.callbacks.Callback) -> bool:
    """Return whether Keras defines the class of a callback, and not a user."""
    return type(callback).__module__.partition(".")[0] == "keras"


def _cosine(epochs: int) -> keras.callbacks.Callback:
    """Reduce the learning rate from its current value to 0 along half a cosine."""
    import keras

    class Cosine(keras.callbacks.LearningRateScheduler):
        def on_train_begin(self, logs: Any = None) -> None:
            first = float(self.model.optimizer.learning_rate)
            decay = keras.optimizers.schedules.CosineDecay(first, epochs)
            self.schedule = lambda epoch, _: float(decay(epoch))

    return Cosine(None)
