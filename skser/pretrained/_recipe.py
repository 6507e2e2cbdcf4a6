"""How samples are prepared and cut for a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How samples are prepared and cut for a model.

    Parameters
    ----------
    window, hop : int or None
        Samples of a window, and from one window to the next; None: the clip in one piece.
    frame_hop : int
        Frames of a front end's image from one window to the next.
    normalize : bool
        Whether samples are brought to zero mean and unit variance.
    scale : float
        Factor of the samples.
    image_scale : tuple (factor, offset)
        What is done to a front end's image.
    output : str or None
        Output of the model.
    """

    window: int | None
    hop: int | None
    frame_hop: int
    normalize: bool
    scale: float
    image_scale: tuple[float, float]
    output: str | None
