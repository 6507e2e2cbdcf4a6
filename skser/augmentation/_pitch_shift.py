from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.analysis._phase_vocoder import shift_pitch
from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform


@dataclass(eq=False, repr=False)
class PitchShift(Augmenter):
    """Raise or lower the pitch of a clip without changing its duration.

    The clip passes through a phase vocoder and is then resampled, as in
    `librosa.effects.pitch_shift`; formants move with the pitch. Pitch carries emotion, so large
    steps may change the label.

    Parameters
    ----------
    n_steps : float or pair (low, high), default=(-2.0, 2.0)
        Number of semitones from -24 to 24, drawn uniformly; positive values raise the pitch.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import PitchShift
    >>> PitchShift(12)(np.ones(16000), 16000).shape
    (16000,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "n_steps": [Range(Real, -24, 24, closed="both")],
    }

    n_steps: float | tuple[float, float] = (-2.0, 2.0)

    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> float:
        return uniform(rng, self.n_steps)

    def _apply(self, y: NDArray[np.float32], sr: float, parameters: float) -> NDArray[np.float64]:
        return shift_pitch(y, parameters)
