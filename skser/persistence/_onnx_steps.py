"""Convert fitted estimators to the nodes of one ONNX graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from skser.compose import AugmentedClassifier, GeometricVotingClassifier
from skser.compose._geometric_voting_classifier import LEAST_PROBABILITY
from skser.neural._base import NetworkClassifier
from skser.persistence._onnx_graph import FRAMES, SAMPLES, Axes, GraphBuilder, named_axes
from skser.persistence._onnx_keras import network_graph
from skser.persistence._onnx_sklearn import sklearn_graph
from skser.preprocessing import ImageToSequence, SpectrogramScaler

_FLOAT, _DOUBLE = 1, 11
"""Numbers of ONNX types."""


@dataclass(frozen=True)
class Tensor:
    """Output of a part of a graph: its name and its number of axes."""

    name: str
    ndim: int


@dataclass(frozen=True)
class Decision:
    """Names of the outputs of a classifier in a graph."""

    probabilities: str
    label: str


@dataclass(frozen=True)
class Place:
    """Place of an estimator: the names of the steps that lead to it, and of its input."""

    path: tuple[str, ...]
    input: str

    def of(self, name: str) -> Place:
        """Return the place of a step."""
        return Place((*self.path, name), self.input)

    def describe(self, estimator: Any) -> str:
        """Return a description of the estimator at this place, for messages."""
        kind = type(estimator).__name__
        return f"Step {'__'.join(self.path)!r} ({kind})" if self.path else kind


class Exporter:
    """Add estimators to a graph, and record which steps stay in Python.

    The first estimator of the graph gets None as its tensor, and adds an input.

    Attributes
    ----------
    builder : GraphBuilder
        Builder of the graph.
    inputs : dict of str to tuple
        Shape of each input of the graph.
    in_python : dict of str to list of str
        Steps before each input, which take clips.
    """

    def __init__(self) -> None:
        self.builder = GraphBuilder()
        self.inputs: dict[str, Axes] = {}
        self.in_python: dict[str, list[str]] = {}

    def classifier(self, estimator: Any, x: Tensor | None, place: Place) -> Decision:
        """Add a classifier.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier.
        x : Tensor or None
            Output of the step before it.
        place : Place
            Place of the classifier.

        Returns
        -------
        decision : Decision

        Raises
        ------
        TypeError
            If the classifier or a step of it cannot be exported; the message names it.
        """
        if isinstance(estimator, Pipeline):
            *before, (name, last) = estimator.steps
            for step, transformer in before:
                x = self._transformer(transformer, x, place.of(step))
            return self.classifier(last, x, place.of(name))
        if isinstance(estimator, AugmentedClassifier):
            return self.classifier(estimator.estimator_, x, place)
        if hasattr(estimator, "best_estimator_"):
            return self.classifier(estimator.best_estimator_, x, place)
        if not hasattr(estimator, "predict_proba"):
            raise TypeError(
                f"{place.describe(estimator)} has no probabilities. Wrap it in "
                "CalibratedClassifierCV, or use VotingClassifier(voting='soft')."
            )
        if isinstance(estimator, VotingClassifier):
            return self._vote(estimator, x, place)
        if isinstance(estimator, NetworkClassifier):
            probabilities, _ = self._network(estimator, x, place)
            return self._decision(probabilities, estimator.classes_)
        label, probabilities = self._sklearn(estimator, x, place)
        return Decision(probabilities, label)

    def _transformer(self, estimator: Any, x: Tensor | None, place: Place) -> Tensor | None:
        if estimator is None or estimator == "passthrough":
            return x
        if isinstance(estimator, Pipeline):
            for name, step in estimator.steps:
                x = self._transformer(step, x, place.of(name))
            return x
        if not hasattr(estimator, "transform"):
            # A resampler of imbalanced-learn, which has an effect in fit only.
            return x
        if x is None and takes_clips(estimator):
            self.in_python.setdefault(place.input, []).append("__".join(place.path))
            return None
        if isinstance(estimator, SpectrogramScaler):
            return self._scaled_images(estimator, x, place)
        if isinstance(estimator, ImageToSequence):
            return self._sequence(estimator, x, place)
        if isinstance(estimator, NetworkClassifier):
            return Tensor(self._network(estimator, x, place)[1], 2)
        if isinstance(estimator, LinearDiscriminantAnalysis):
            # skl2onnx would treat it as a classifier.
            return self._affine(estimator, x, place)
        [turned, *_] = self._sklearn(estimator, x, place)
        return Tensor(turned, 2)

    def _vote(self, estimator: Any, x: Tensor | None, place: Place) -> Decision:
        votes = []
        names = [name for name, member in estimator.estimators if member != "drop"]
        for name, member in zip(names, estimator.estimators_, strict=True):
            there = place.of(name)
            if x is None and takes_clips(member):
                there = Place(there.path, "__".join(there.path))
            votes.append(self.classifier(member, x, there).probabilities)
        weights = estimator.weights
        if weights is None:
            weights = np.ones(len(estimator.estimators))
        kept = [w for (_, m), w in zip(estimator.estimators, weights, strict=True) if m != "drop"]
        shares = np.asarray(kept, np.float32) / np.sum(kept, dtype=np.float32)
        add, constant = self.builder.add, self.builder.constant
        geometric = isinstance(estimator, GeometricVotingClassifier)
        if geometric:
            least = constant(np.asarray(LEAST_PROBABILITY, np.float32))
            votes = [add("Log", add("Max", vote, least)) for vote in votes]
        parts = [add("Mul", v, constant(share)) for v, share in zip(votes, shares, strict=True)]
        pooled = add("Sum", *parts)
        if geometric:
            pooled = add("Softmax", pooled, axis=1)
        return self._decision(pooled, estimator.classes_)

    def _network(
        self, estimator: NetworkClassifier, x: Tensor | None, place: Place
    ) -> tuple[str, str]:
        """Add a network, and return probabilities and embedding."""
        inner = named_axes(estimator.network_.input_shape)
        if x is None:
            x = self._input(place, self._as_given(estimator, inner))
        # Add the axis of a single channel, and that of the row of an image that was a table.
        missing = {0: [], 1: [len(inner) - 1], 2: [1, 3]}[len(inner) - x.ndim]
        name = x.name
        if missing:
            axes = self.builder.constant(np.array(missing, np.int64))
            name = self.builder.add("Unsqueeze", x.name, axes)
        probabilities, embedding = self.builder.insert(network_graph(estimator.network_), name)
        return probabilities, embedding

    def _as_given(self, estimator: NetworkClassifier, inner: Axes) -> Axes:
        """Return the shape of a network's input as features return it.

        Images of one channel, and vectors, have no channel axis.
        """
        if len(inner) == 2 or inner[-1] != 1:
            return inner
        is_sequence = len(inner) == 3 and estimator.n_features_in_ == 1 and inner[1] != 1
        return inner if is_sequence else inner[:-1]

    def _scaled_images(
        self, estimator: SpectrogramScaler, x: Tensor | None, place: Place
    ) -> Tensor:
        location = estimator.mean_.astype(np.float32)
        scale = estimator.scale_.astype(np.float32)
        axes: Axes = (SAMPLES, len(location), FRAMES, *location.shape[1:])
        axes = axes[: estimator.image_ndim_]
        x = x or self._input(place, axes)
        if len(axes) > 2:
            location, scale = location[:, np.newaxis], scale[:, np.newaxis]
        centred = self.builder.add("Sub", x.name, self.builder.constant(location))
        return Tensor(self.builder.add("Div", centred, self.builder.constant(scale)), x.ndim)

    def _sequence(self, estimator: ImageToSequence, x: Tensor | None, place: Place) -> Tensor:
        n_channels = estimator.n_channels_
        axes: Axes = (SAMPLES, estimator.n_features_in_, FRAMES)
        x = x or self._input(place, axes if n_channels == 1 else (*axes, n_channels))
        if x.ndim == 2:
            frames = self.builder.constant(np.array([1], np.int64))
            return Tensor(self.builder.add("Unsqueeze", x.name, frames), 3)
        frames_first = self.builder.add("Transpose", x.name, perm=[0, 2, 1, 3][: x.ndim])
        if x.ndim == 3:
            return Tensor(frames_first, 3)
        joined = self.builder.constant(np.array([0, 0, -1], np.int64))
        return Tensor(self.builder.add("Reshape", frames_first, joined), 3)

    def _affine(self, estimator: Any, x: Tensor | None, place: Place) -> Tensor:
        """Add a transformer that multiplies by a matrix and adds a vector."""
        n_features = estimator.n_features_in_
        x = x or self._input(place, (SAMPLES, n_features))
        offset = np.asarray(estimator.transform(np.zeros((1, n_features))), np.float64)
        matrix = np.asarray(estimator.transform(np.eye(n_features)), np.float64) - offset
        add, constant = self.builder.add, self.builder.constant
        # In float64, because the terms may be far larger than their sum.
        wide = add("Cast", x.name, to=_DOUBLE)
        product = add("MatMul", wide, constant(matrix))
        return Tensor(add("Cast", add("Add", product, constant(offset)), to=_FLOAT), 2)

    def _sklearn(self, estimator: Any, x: Tensor | None, place: Place) -> list[str]:
        whose = place.describe(estimator)
        if takes_clips(estimator) or not hasattr(estimator, "n_features_in_"):
            inside = " Export its estimator_ instead." * hasattr(estimator, "estimator_")
            raise TypeError(
                f"{whose} cannot be exported to ONNX, because it takes clips, and the steps that "
                f"take clips stay in Python.{inside}"
            )
        x = x or self._input(place, (SAMPLES, estimator.n_features_in_))
        if x.ndim != 2:
            raise TypeError(
                f"{whose} cannot be exported to ONNX after images or sequences, because it takes a "
                "table."
            )
        try:
            model = sklearn_graph(estimator)
        except TypeError as error:
            raise TypeError(
                f"{whose} cannot be exported to ONNX: {error}. Leave it out, or run the steps up "
                "to it in Python, and export the pipeline of the steps after it."
            ) from error
        return self.builder.insert(model, x.name)

    def _decision(self, probabilities: str, classes: Any) -> Decision:
        number = self.builder.add("ArgMax", probabilities, axis=1, keepdims=0)
        values = self.builder.constant(as_labels(classes))
        return Decision(probabilities, self.builder.add("Gather", values, number, axis=0))

    def _input(self, place: Place, axes: Axes) -> Tensor:
        known = self.inputs.setdefault(place.input, axes)
        if known != axes:
            raise TypeError(
                f"Step {'__'.join(place.path)!r} takes an input of shape {axes}, but another step "
                f"with the same input takes {known}. Export them separately."
            )
        self.in_python.setdefault(place.input, [])
        return Tensor(place.input, len(axes))


def takes_clips(estimator: Any) -> bool:
    """Return whether an estimator takes sound, not the output of features."""
    if isinstance(estimator, Pipeline):
        return any(takes_clips(step) for _, step in estimator.steps[:1])
    if isinstance(estimator, FeatureUnion):
        return any(takes_clips(member) for _, member in estimator.transformer_list)
    if isinstance(estimator, VotingClassifier):
        return any(map(takes_clips, estimator.estimators_))
    if hasattr(estimator, "best_estimator_"):
        return takes_clips(estimator.best_estimator_)
    return not isinstance(estimator, str) and get_tags(estimator).input_tags.string


def as_labels(classes: Any) -> Any:
    """Return labels in a type of ONNX: text (an object array) or int64.

    Raises
    ------
    TypeError
        If the labels are neither text nor integers.
    """
    values = np.asarray(classes)
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    if all(isinstance(value, str) for value in values):
        return values.astype(object)
    raise TypeError(
        f"The classes {values.tolist()} are neither text nor integers, which are the labels that "
        "ONNX supports. Fit on labels of one of these types."
    )
