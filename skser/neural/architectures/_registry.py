from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import pandas as pd

Builder = Callable[[Any, int], "keras.Model"]
"""Function that maps the shape of a sample and the number of classes to an uncompiled network."""


@dataclass(frozen=True)
class Architecture:
    """A registered network.

    Parameters
    ----------
    name : str
    build : callable (input_shape, n_classes) -> keras.Model
    reference_input : tuple of int
        Input shape that `parameters` refers to: that of the study, channels last.
    n_classes : int
        Number of classes that `parameters` refers to.
    parameters : int
        Number of parameters, trainable or not.
    source : str
        Publication, "unpublished notebook ..." or "skser".
    any_length : bool
        Whether the network accepts clips of any length, padded within a batch.
    """

    name: str
    build: Builder
    reference_input: tuple[int, ...]
    n_classes: int
    parameters: int
    source: str
    any_length: bool

    @property
    def dimensions(self) -> int:
        """Number of axes that the network convolves over."""
        return len(self.reference_input) - 1


_REGISTRY: dict[str, Architecture] = {}


def register(
    name: str,
    *,
    reference_input: tuple[int, ...],
    parameters: int,
    source: str,
    n_classes: int = 6,
    any_length: bool = False,
) -> Callable[[Builder], Builder]:
    """Make a decorator that registers a builder under a name.

    Parameters
    ----------
    name : str
    reference_input : tuple of int
        Input shape that `parameters` refers to, channels last.
    parameters : int
        Number of parameters, trainable or not.
    source : str
        Publication, "unpublished notebook ..." or "skser".
    n_classes : int, default=6
        Number of classes that `parameters` refers to.
    any_length : bool, default=False
        Whether the builder accepts None as the number of frames, and the network treats frames
        that are NaN as padding (`skser.neural.layers.MaskPadding`).

    Returns
    -------
    enter : callable
        Decorator that returns the builder unchanged.
    """

    def enter(builder: Builder) -> Builder:
        _REGISTRY[name] = Architecture(
            name=name,
            build=builder,
            reference_input=reference_input,
            n_classes=n_classes,
            parameters=parameters,
            source=source,
            any_length=any_length,
        )
        return builder

    return enter


def get_architecture(name: str) -> Builder:
    """Return the builder of a registered network.

    Parameters
    ----------
    name : str

    Returns
    -------
    build : callable (input_shape, n_classes) -> keras.Model

    Raises
    ------
    ValueError
        If no network has this name; the message lists similar names.
    """
    if name not in _REGISTRY:
        near = get_close_matches(name, _REGISTRY, n=3, cutoff=0.4) or sorted(_REGISTRY)
        raise ValueError(
            f"architecture={name!r} is unknown. Similar names: {', '.join(near)}. For a network "
            "of your own, pass a callable (input_shape, n_classes) -> keras.Model."
        )
    return _REGISTRY[name].build


def registered(builder: Builder) -> Architecture | None:
    """Return the entry under which a builder is registered.

    Parameters
    ----------
    builder : callable

    Returns
    -------
    architecture : Architecture or None
        None if it is not registered.
    """
    return next((entry for entry in _REGISTRY.values() if entry.build is builder), None)


def list_architectures() -> pd.DataFrame:
    """List the registered networks.

    Returns
    -------
    architectures : pandas.DataFrame
        One row per network, ordered by dimensions and then by name.

        name : str
            Name to pass to the classifiers as `architecture`.
        dimensions : int
            1 for `Conv1DClassifier`, 2 for `Conv2DClassifier`, 0 for `DenseClassifier`.
        reference_input : tuple of int
            Input shape that `parameters` refers to: that of the study, channels last.
        n_classes : int
            Number of classes that `parameters` refers to.
        parameters : int
            Number of parameters, trainable or not.
        source : str
            Publication with its authors, year, title, and DOI or arXiv number; "unpublished
            notebook ..." where there is none; "skser" for our own networks.
        any_length : bool
            Whether the network accepts clips of any length, padded within a batch.

    Examples
    --------
    >>> from skser import list_architectures
    >>> networks = list_architectures().set_index("name")
    >>> networks.loc["compact", "reference_input"]
    (157, 1)
    >>> print(networks.loc["compact", "parameters"])
    28166
    """
    import pandas as pd

    columns = [
        "name", "dimensions", "reference_input", "n_classes", "parameters", "source", "any_length",
    ]  # fmt: skip
    rows = [[getattr(entry, column) for column in columns] for entry in _REGISTRY.values()]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["dimensions", "name"], ignore_index=True
    )
