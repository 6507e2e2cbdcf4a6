"""Networks in a model file: the name of the architecture, weights, and settings as text."""

from __future__ import annotations

import json
from typing import Any

from skser.exceptions import ModelFileError

NETWORK = "skser.neural._adapter.TrainedNetwork"

_OPTIMIZERS = (
    "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam "
    "RMSprop SGD"
).split()
_SCHEDULES = (
    "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay "
    "PolynomialDecay"
).split()
_OF_KERAS = {
    *(("keras.optimizers", name) for name in _OPTIMIZERS),
    *(("keras.optimizers.schedules", name) for name in _SCHEDULES),
}
_NAMES = ("module", "class_name", "config", "registered_name", "build_config")


def check_network(node: dict[str, Any]) -> None:
    """Check that the node of a network names nothing that Keras would import.

    Parameters
    ----------
    node : dict
        Node of a skops file.

    Raises
    ------
    ModelFileError
        If its optimizer is not one of Keras' own.
    """
    optimizer = node["content"]["content"]["optimizer"]
    if optimizer["__loader__"] != "JsonNode":
        raise ModelFileError("holds a network whose optimizer is not text")
    _check_config(json.loads(json.loads(optimizer["content"])), is_optimizer=True)


def _check_config(config: Any, *, is_optimizer: bool = False) -> None:
    """Check that a Keras config, and every config inside it, names a known class."""
    if isinstance(config, list):
        for item in config:
            _check_config(item)
    elif isinstance(config, dict):
        if is_optimizer or not config.keys().isdisjoint(_NAMES):
            named = (config.get("module"), config.get("class_name"))
            if named not in _OF_KERAS or config.get("registered_name") is not None:
                raise ModelFileError(
                    f"holds a network with the optimizer {'.'.join(map(str, named))}, which is not "
                    "part of Keras. Fit with an optimizer of Keras"
                )
        for item in config.values():
            _check_config(item)
