"""Preparation of samples for a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Preparation of samples for a model, and the output to use.

    Parameters
    ----------
    window, hop : int or None
        Number of samples in a window, and from one window to the next. If `window` is None, the
        clip is passed in one piece; if `hop` is None, windows do not overlap.
    frame_hop : int
        Number of frames of a front end's image from one window to the next.
    normalize : bool
        Whether to standardise samples to zero mean and unit variance.
    scale : float
        Factor of the samples.
    image_scale : tuple (factor, offset)
        Factor and offset that are applied to a front end's image.
    output : str or None
        Name of the output. If None, the first.
    """

    window: int | None
    hop: int | None
    frame_hop: int
    normalize: bool
    scale: float
    image_scale: tuple[float, float]
    output: str | None
