from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval, StrOptions
from skser.audio._base import SoundTransformer


@dataclass(eq=False, repr=False)
class Normalize(SoundTransformer):
    r"""Scale every clip to the same level.

    The samples are multiplied by :math:`10^{L/20} / m`, where m is the largest magnitude
    (``"peak"``) or the root mean square (``"rms"``) and L the target level. A silent clip is
    not changed. The level carries emotion, and `RMS` cannot measure a level that this step has
    removed.

    Parameters
    ----------
    measure : {"peak", "rms"}, default="peak"
        Measure of the level: the largest magnitude or the root mean square.
    level : float, default=0.0
        Target level in dB relative to full scale (1.0).

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, Normalize
    >>> sound = Normalize().fit_transform([Audio(np.array([0.1, -0.2]), 8000)])[0]
    >>> sound.y.tolist()
    [0.5, -1.0]
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "measure": [StrOptions({"peak", "rms"})],
        "level": [Interval(Real, -120, 120, closed="both")],
    }

    measure: str = "peak"
    level: float = 0.0

    def _apply(self, y: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], float]:
        samples = y.astype(np.float64)
        magnitude = (
            np.abs(samples).max() if self.measure == "peak" else np.sqrt(np.mean(samples**2))
        )
        if magnitude == 0:
            return y, sr
        return (samples * (10 ** (self.level / 20) / magnitude)).astype(np.float32), sr
