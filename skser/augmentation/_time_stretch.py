from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.analysis._phase_vocoder import stretch
from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform


@dataclass(eq=False, repr=False)
class TimeStretch(Augmenter):
    """Make a clip faster or slower without changing its pitch.

    The clip passes through a phase vocoder, as in `librosa.effects.time_stretch`. A clip of n
    samples is changed to ``round(n / rate)`` samples, at least one. Tempo carries emotion, so large
    rates may change the label.

    Parameters
    ----------
    rate : float or pair (low, high), default=(0.8, 1.25)
        Factor of the speed, drawn uniformly; above 1, the clip becomes faster.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import TimeStretch
    >>> TimeStretch(1.25)(np.ones(16000), 16000).shape
    (12800,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "rate": [Range(Real, 0.1, 10, closed="both")],
    }

    rate: float | tuple[float, float] = (0.8, 1.25)

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> float:
        return uniform(rng, self.rate)

    def _apply(self, y: NDArray[np.float32], sr: float, parameters: float) -> NDArray[np.float64]:
        return stretch(y, parameters)
