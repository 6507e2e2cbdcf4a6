"""Build the Keras model of an architecture for the shape of its input."""

from __future__ import annotations

import inspect
import json
from bisect import bisect_left
from collections.abc import Hashable
from functools import partial
from numbers import Number
from typing import TYPE_CHECKING, Any, cast

from skser._repr import without_addresses
from skser.neural.architectures._registry import Builder, registered

if TYPE_CHECKING:
    import keras

Shape = tuple[int | None, ...]
"""Shape of a sample, with None for the axis along which clips differ."""

_NAMING = ("name", "keras_history", "input_layers", "output_layers")
"""Keys of a Keras config under which strings are names of layers."""

_DOUBLINGS = 12
"""How often to double an input that is too small, to find out whether a larger one fits."""

_TOO_SMALL = "Computed output size would be"
"""Part of Keras' message about an input that is smaller than a kernel or a pool."""


def build_model(build: Builder, input_shape: Shape, n_classes: int) -> keras.Model:
    """Build a network, and check that it can be trained on inputs of this shape.

    Parameters
    ----------
    build : callable (input_shape, n_classes) -> keras.Model
    input_shape : tuple of int or None
        Shape of a sample, with None along frames if clips of any length are accepted.
    n_classes : int

    Returns
    -------
    model : keras.Model
        Not compiled.

    Raises
    ------
    ValueError
        If the input is too small, or the inputs or outputs of the network are not those of a
        classifier.
    TypeError
        If the builder returns something other than a `keras.Model`.
    """
    import keras

    name = quoted_name(build)
    try:
        model = _build(build, input_shape, n_classes)
    except _TooSmallError as error:
        smallest = _smallest_input(build, input_shape, n_classes)
        wanted = "a larger one along another axis" if smallest is None else f"at least {smallest}"
        tolerant = {2: ", such as 'small'", 3: ", such as 'residual2d'"}.get(len(input_shape), "")
        raise ValueError(
            f"The input of shape {input_shape} is too small for architecture {name}, "
            f"whose kernels and pools need {wanted}. Give it more values, frames or rows, or "
            f"choose a smaller network{tolerant}."
        ) from error
    except (ValueError, TypeError) as error:
        if None in input_shape:
            error.add_note(
                f"Clips differ in length, so architecture={name} was given the shape "
                f"{input_shape}. Set duration in the feature, or pool over frames."
            )
        raise
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"architecture={name} returned {type(model).__name__}, but must return a keras.Model."
        )
    if (
        not hasattr(model, "outputs")
        or len(model.inputs) != 1
        or model.output_shape != (None, n_classes)
    ):
        raise ValueError(
            f"architecture={name} must return a functional or Sequential keras.Model that "
            f"takes one input of shape (None, {', '.join(map(str, input_shape))}) and returns "
            f"the probabilities of {n_classes} classes, shape (None, {n_classes})."
        )
    if None in input_shape and not _masks_padding(build, model):
        raise ValueError(
            "Clips differ in length, and the shorter ones of a batch get NaN as padding, so the "
            f"first layer of architecture={name} must be skser.neural.layers.MaskPadding. Add it, "
            "or set duration in the feature."
        )
    return model


def structure(model: keras.Model) -> str:
    """Describe a model's layers in a text that does not depend on automatic names."""
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


def quoted_name(build: Builder) -> str:
    """Return the name of an architecture in quotes, for messages."""
    entry = registered(build)
    if entry is not None:
        return repr(entry.name)
    return repr(build.__name__) if hasattr(build, "__name__") else without_addresses(repr(build))


def builder_key(build: Builder) -> Hashable:
    """Return what a builder is known by: equal for copies, which `clone` makes of most.

    Parameters
    ----------
    build : callable (input_shape, n_classes) -> keras.Model
        A `functools.partial` is its function with arguments, and an object with ``get_params`` is
        its class with parameters; any other is itself.

    Returns
    -------
    key : hashable
    """
    key = _frozen(build)
    try:
        hash(key)
    except TypeError:
        # As with an array among the arguments, or if its class defines equality only.
        return _Itself(build)
    return cast("Hashable", key)


def _frozen(value: Any) -> Any:
    """Return a value that is equal for copies, and that stays what it is if lists change."""
    if isinstance(value, partial):
        return partial, *map(_frozen, (value.func, value.args, value.keywords))
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type(value), _frozen(value.get_params(deep=False))
    if isinstance(value, list | tuple):
        return type(value), *map(_frozen, value)
    if isinstance(value, dict):
        return type(value), *((name, _frozen(value[name])) for name in sorted(value, key=repr))
    if isinstance(value, bool | Number):
        # 1, 1.0 and True are equal, but not the same argument.
        return type(value), repr(value)
    return value


class _Itself:
    """Key of a builder that is equal to no other."""

    def __init__(self, build: Builder) -> None:
        self.build = build

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.build is self.build

    def __hash__(self) -> int:
        return id(self.build)


def _masks_padding(build: Builder, model: keras.Model) -> bool:
    from skser.neural.layers import MaskPadding

    entry = registered(build)
    if entry is not None:
        return entry.any_length
    return any(isinstance(layer, MaskPadding) for layer in model.layers)


class _TooSmallError(Exception):
    """The kernels and pools of a network leave nothing of the input."""


def _build(build: Builder, input_shape: Shape, n_classes: int) -> Any:
    import keras

    _check_signature(build)
    try:
        model = build(input_shape, n_classes)
    except ValueError as error:
        if _TOO_SMALL not in str(error):
            raise
        raise _TooSmallError from error
    # Some versions of Keras accept a pool whose output is empty.
    layers = model.layers if hasattr(model, "outputs") else []
    outputs = keras.tree.flatten([layer.output for layer in layers])
    if any(0 in output.shape for output in outputs):
        raise _TooSmallError
    return model


def _check_signature(build: Builder) -> None:
    try:
        parameters = inspect.signature(build)
    except (TypeError, ValueError):
        # Some callables that are written in C have no signature.
        return
    try:
        parameters.bind((1,), 2)
    except TypeError:
        raise TypeError(
            f"architecture={quoted_name(build)} has the parameters {parameters}, but is called "
            "with two arguments, (input_shape, n_classes), and must return a keras.Model."
        ) from None


def _smallest_input(build: Builder, input_shape: Shape, n_classes: int) -> Shape | None:
    """Find the smallest input for which a network can be built, one axis at a time.

    Return None if a larger input does not help.
    """

    def fits(shape: list[Any]) -> bool:
        try:
            _build(build, tuple(shape), n_classes)
        except _TooSmallError:
            return False
        return True

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
