"""Base of the one- and the two-dimensional convolutional classifier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, ClassVar

from skser._sklearn_compat import Interval
from skser.neural._base import NetworkClassifier
from skser.neural._regularisation import Regularisation


@dataclass(eq=False, repr=False)
class ConvolutionalClassifier(NetworkClassifier):
    """A network over frames whose training can mask bands of the input."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NetworkClassifier._parameter_constraints,
        "time_mask": [Interval(Integral, 0, None, closed="left")],
        "frequency_mask": [Interval(Integral, 0, None, closed="left")],
    }

    time_mask: int = 0
    frequency_mask: int = 0

    def _regularisation(self) -> Regularisation:
        return replace(
            super()._regularisation(),
            time_mask=int(self.time_mask),
            frequency_mask=int(self.frequency_mask),
        )
