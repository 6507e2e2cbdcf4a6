"""The description of a feature that the engine receives instead of the estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis, AnalysisPlan


@dataclass(frozen=True)
class Framing:
    """Preparation of a clip for analysis.

    Parameters
    ----------
    plan : AnalysisPlan
        Sample rate and frames.
    n_samples : int or None
        Number of samples to which the clip is padded or cut. If None, the clip is not changed.
    array_sr : float
        Sample rate in Hz that is assumed for arrays; in a union, all members use the union's.
    """

    plan: AnalysisPlan
    n_samples: int | None
    array_sr: float


@dataclass(frozen=True)
class Member:
    """Description of one feature for the extraction.

    Parameters
    ----------
    name : str
        Name of the feature in messages.
    framing : Framing
        Preparation of the clip; members with equal framing share one analysis.
    output_shape : tuple of int or None
        Shape of the values of one clip, with None for an axis whose length depends on the clip.
        None instead of a tuple if the shape has not been learnt yet.
    compute : callable
        Function of an `Analysis` that returns the values, dtype float32.
    classes : tuple of type
        Classes whose code computes the values: the class itself and its bases.
    version : int
        Number that is incremented when the code is changed to compute other values.
    parameters : mapping of str to object
        Parameters on which the values depend, in addition to the framing.
    shape_advice : str
        End of the message about values of another shape.
    value_advice : str or None
        End of the message about values that are not finite. If None, the message says that the
        clip is too loud.
    """

    name: str
    framing: Framing
    output_shape: tuple[int | None, ...] | None
    compute: Callable[[Analysis], NDArray[np.float32]]
    classes: tuple[type, ...]
    version: int
    parameters: Mapping[str, Any]
    shape_advice: str
    value_advice: str | None = None
