"""Masking and mixing, which apply to training batches only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Regularisation:
    """Masking and mixing, which apply to training batches only.

    Parameters
    ----------
    time_mask, frequency_mask : int
        Maximal width of the bands of frames, and of rows or channels, that are set to 0.
    mixup : float
        Parameter of the beta distribution from which the share of the other clip is drawn.
    """

    time_mask: int = 0
    frequency_mask: int = 0
    mixup: float = 0.0

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return self != Regularisation()
