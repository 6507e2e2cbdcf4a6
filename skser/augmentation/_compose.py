from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.augmentation._base import run
from skser.augmentation._composition import Composition


@dataclass(eq=False, repr=False)
class Compose(Composition):
    """Change a clip by several augmenters, one after the other.

    Parameters
    ----------
    augmenters : list of augmenters
        Augmenters of this package, or any callables ``(samples, sample_rate) -> samples``. In a
        search, the names of their parameters begin with the class in lower case:
        ``addnoise__snr``, or, if there are two of the same class, ``gain-1__gain`` and
        ``gain-2__gain``. For callables, the global generators of Python and NumPy are seeded.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator for all members, used when the object is called and in
        `fit_resample`. An `AugmentedClassifier` uses its own instead.

    See Also
    --------
    OneOf : Change a clip by only one of several augmenters.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Compose, Gain, TimeShift
    >>> augment = Compose([Gain(-20), TimeShift(0.5)])
    >>> augment(np.array([1.0, -0.5]), 16000)
    array([-0.05,  0.1 ], dtype=float32)
    >>> augment.set_params(gain__gain=20)(np.array([1.0, -0.5]), 16000)
    array([-5., 10.], dtype=float32)
    """

    # Draw seeds only, as the draws of an augmenter depend on the length after the one before it.
    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> list[int]:
        return [int(seed) for seed in rng.integers(2**63, size=len(self.augmenters))]

    def _apply(
        self, y: NDArray[np.float32], sr: float, parameters: list[int]
    ) -> NDArray[np.float32]:
        for augment, seed in zip(self.augmenters, parameters, strict=True):
            y = run(augment, y, sr, np.random.default_rng(seed))
        return y
