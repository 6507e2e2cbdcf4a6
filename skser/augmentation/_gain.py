from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform


@dataclass(eq=False, repr=False)
class Gain(Augmenter):
    r"""Make a clip louder or softer.

    The samples are multiplied by :math:`10^{g/20}`, and are not clipped.

    Parameters
    ----------
    gain : float or pair (low, high), default=(-6.0, 6.0)
        Gain g in dB, drawn uniformly.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Gain
    >>> Gain(-20)(np.array([1.0, -0.5]), 16000)
    array([ 0.1 , -0.05], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "gain": [Range(Real, None, None, closed="neither")],
    }

    gain: float | tuple[float, float] = (-6.0, 6.0)

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> float:
        return uniform(rng, self.gain)

    def _apply(self, y: NDArray[np.float32], sr: float, parameters: float) -> NDArray[np.float64]:
        return y * np.float64(10) ** (parameters / 20)
