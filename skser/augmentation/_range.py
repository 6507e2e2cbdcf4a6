"""Parameters that are a number, or a range from which a number is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from skser._sklearn_compat import Interval


class Range(Interval):
    """Constraint: a number in an interval, or a pair (low, high) of such numbers."""

    def is_satisfied_by(self, val: Any) -> bool:
        """Return whether a value is such a number or range."""
        match val:
            case (low, high):
                return self.is_satisfied_by(low) and self.is_satisfied_by(high) and low <= high
        return bool(super().is_satisfied_by(val))

    def __str__(self) -> str:
        return f"{super().__str__()} or a pair (low, high) of such numbers with low <= high"


def uniform(rng: np.random.Generator, bounds: float | tuple[float, float]) -> float:
    """Draw a number from a range; a single number is returned as it is."""
    low, high = bounds if isinstance(bounds, tuple | list) else (bounds, bounds)
    return float(rng.uniform(low, high))
