"""What the engine knows of a feature: a description, not the estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis, AnalysisPlan


@dataclass(frozen=True)
class Framing:
    """How a clip is prepared for analysis.

    Parameters
    ----------
    plan : AnalysisPlan
        Sample rate and frames.
    n_samples : int or None
        Number of samples that the clip is padded or cut to; None: the clip stays as it is.
    array_sr : float
        Sample rate in Hz of clips that are arrays, which do not have one: that of a union for all
        its members.
    """

    plan: AnalysisPlan
    n_samples: int | None
    array_sr: float


@dataclass(frozen=True)
class Member:
    """One feature, as far as extraction is concerned.

    Parameters
    ----------
    name : str
        Name of the feature in messages.
    framing : Framing
        Preparation of the clip; members of equal framing share one analysis.
    output_shape : tuple of int or None
        Shape of the values of one clip, with None where it depends on the clip. None instead of
        a tuple: the shape has not been learnt yet.
    compute : callable
        Function of an `Analysis` that returns the values, dtype float32.
    classes : tuple of type
        Classes whose code computes the values: the class itself and its bases.
    version : int
        Number that changes when the code comes to compute other values.
    parameters : mapping of str to object
        Parameters that the values depend on, beside the framing.
    shape_advice : str
        End of the message about values of another shape.
    value_advice : str or None
        End of the message about values that are not finite; None: the clip is too loud.
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
