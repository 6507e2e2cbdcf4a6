from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform


@dataclass(eq=False, repr=False)
class TimeShift(Augmenter):
    """Shift a clip in time without changing its length.

    Parameters
    ----------
    shift : float or pair (low, high), default=(-0.1, 0.1)
        Shift as a fraction of the clip's duration, from -1 to 1, drawn uniformly; positive values
        shift the clip to a later time.
    rollover : bool, default=True
        Whether samples that leave the clip at one end are inserted at the other. If False,
        silence is inserted.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import TimeShift
    >>> TimeShift(0.25)(np.array([0.1, 0.2, 0.3, 0.4]), 16000)
    array([0.4, 0.1, 0.2, 0.3], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "shift": [Range(Real, -1, 1, closed="both")],
        "rollover": ["boolean"],
    }

    shift: float | tuple[float, float] = (-0.1, 0.1)
    rollover: bool = True

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> int:
        return round(uniform(rng, self.shift) * n_samples)

    def _apply(self, y: NDArray[np.float32], sr: float, parameters: int) -> NDArray[np.float32]:
        shifted = np.roll(y, parameters)
        if not self.rollover:
            entered = slice(parameters) if parameters >= 0 else slice(parameters, None)
            shifted[entered] = 0
        return shifted
