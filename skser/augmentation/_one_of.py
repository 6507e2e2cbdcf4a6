from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import InvalidParameterError
from skser.augmentation._base import run
from skser.augmentation._composition import Composition


@dataclass(eq=False, repr=False)
class OneOf(Composition):
    """Change a clip by one of several augmenters, which is drawn for each clip.

    Parameters
    ----------
    augmenters : list of augmenters
        Augmenters of this package, or any callables ``(samples, sample_rate) -> samples``. In a
        search, the names of their parameters are those of `Compose`, such as ``gain__gain``.
    weights : sequence of float, default=None
        Relative frequency with which each augmenter is drawn. If None, all are equally likely.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator for all members, used when the object is called and in
        `fit_resample`. An `AugmentedClassifier` uses its own instead.

    See Also
    --------
    Compose : Change a clip by all of several augmenters.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Gain, OneOf, TimeShift
    >>> augment = OneOf([Gain(-20), TimeShift(0.5)], weights=[0, 1])
    >>> augment(np.array([1.0, -0.5]), 16000)
    array([-0.5,  1. ], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Composition._parameter_constraints,
        "weights": ["array-like", None],
    }

    weights: Sequence[float] | None = None

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> tuple[int, int]:
        share = None
        if self.weights is not None:
            share = np.asarray(self.weights, dtype=np.float64) / np.sum(self.weights)
        return int(rng.choice(len(self.augmenters), p=share)), int(rng.integers(2**63))

    def _apply(
        self, y: NDArray[np.float32], sr: float, parameters: tuple[int, int]
    ) -> NDArray[np.float32]:
        chosen, seed = parameters
        return run(self.augmenters[chosen], y, sr, np.random.default_rng(seed))

    def _validate_params(self) -> None:
        super()._validate_params()
        if self.weights is None:
            return
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.shape != (len(self.augmenters),):
            raise InvalidParameterError(
                f"weights={self.weights!r} of OneOf must contain one number for each of the "
                f"{len(self.augmenters)} augmenters."
            )
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
            raise InvalidParameterError(
                f"weights={self.weights!r} of OneOf must be finite, at least 0, and not all 0."
            )
