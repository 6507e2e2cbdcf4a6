from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import pandas as pd

Builder = Callable[[Any, int], "keras.Model"]
"""From the shape of a sample and the number of classes to an uncompiled network."""


@dataclass(frozen=True)
class Architecture:
    """A registered network.

    Parameters
    ----------
    name : str
    build : callable (input_shape, n_classes) -> keras.Model
    reference_input : tuple of int
        The input that `parameters` is stated for: the study's, channels last.
    n_classes : int
        The number of classes that `parameters` is stated for.
    parameters : int
        Number of parameters, trainable or not.
    source : str
        Publication, "unpublished notebook ..." or "skser".
    any_length : bool
        Whether clips of any length go through it, padded within a batch.
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
    """Make a decorator that enters a builder under a name.

    Parameters
    ----------
    name : str
    reference_input : tuple of int
        The input that `parameters` is stated for, channels last.
    parameters : int
        Number of parameters, trainable or not.
    source : str
        Publication, "unpublished notebook ..." or "skser".
    n_classes : int, default=6
        The number of classes that `parameters` is stated for.
    any_length : bool, default=False
        Whether the builder takes None as the number of frames, and the network frames that are
        NaN as padding (`skser.neural.layers.MaskPadding`).

    Returns
    -------
    enter : callable
        Takes a builder and returns it as it is.
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
        If there is none; the message lists those of similar name.
    """
    if name not in _REGISTRY:
        near = get_close_matches(name, _REGISTRY, n=3, cutoff=0.4) or sorted(_REGISTRY)
        raise ValueError(
            f"architecture={name!r} is unknown. Near: {', '.join(near)}. A callable "
            "(input_shape, n_classes) -> keras.Model builds a network of your own."
        )
    return _REGISTRY[name].build


def registered(builder: Builder) -> Architecture | None:
    """Return what a builder is registered as.

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
        A row a network, those of fewer dimensions first, then by name.

        name : str
            What the classifiers take as `architecture`.
        dimensions : int
            1 for `Conv1DClassifier`, 2 for `Conv2DClassifier`, 0 for `DenseClassifier`.
        reference_input : tuple of int
            The input that `parameters` is stated for: the study's, channels last.
        n_classes : int
            The number of classes that `parameters` is stated for.
        parameters : int
            Number of parameters, trainable or not.
        source : str
            Publication with its authors, year, title, and DOI or arXiv number; "unpublished
            notebook ..." where there is none; "skser" for our own networks.
        any_length : bool
            Whether clips of any length go through it, padded within a batch.

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
