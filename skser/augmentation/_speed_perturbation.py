from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.audio._load import fix_length
from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform


@dataclass(eq=False, repr=False)
class SpeedPerturbation(Augmenter):
    """Play a clip faster or slower, like a tape: tempo, pitch and formants change together.

    The clip is resampled (``soxr_hq``), as in Ko et al., Audio augmentation for speech recognition
    (Interspeech 2015). This is cheap, avoids the artefacts of a phase vocoder, and resembles
    another vocal tract. A clip of n samples is changed to ``round(n / rate)`` samples, at least
    one.

    Parameters
    ----------
    rate : float or pair (low, high), default=(0.9, 1.1)
        Factor of the speed, drawn uniformly; above 1, the clip becomes faster and higher.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    See Also
    --------
    TimeStretch : Change only the tempo.
    PitchShift : Change only pitch and formants.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpeedPerturbation
    >>> SpeedPerturbation(1.25)(np.ones(16000), 16000).shape
    (12800,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "rate": [Range(Real, 0.1, 10, closed="both")],
    }

    rate: float | tuple[float, float] = (0.9, 1.1)

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> float:
        return uniform(rng, self.rate)

    def _apply(self, y: NDArray[np.float32], sr: float, parameters: float) -> NDArray[np.float32]:
        import soxr

        resampled = soxr.resample(y, parameters, 1, quality="soxr_hq")
        return fix_length(resampled, max(1, round(len(y) / parameters)))
