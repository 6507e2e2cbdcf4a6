"""What is done to training batches only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Regularisation:
    """What is done to training batches only.

    Parameters
    ----------
    time_mask, frequency_mask : int
        Widest band of frames, and of rows or channels, that becomes 0.
    mixup : float
        Parameter of the beta distribution that the share of the other clip comes from.
    """

    time_mask: int = 0
    frequency_mask: int = 0
    mixup: float = 0.0

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return self != Regularisation()
