from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.audio._base import DEFAULT_SR, SoundTransformer
from skser.audio._load import fix_length, n_samples


@dataclass(eq=False, repr=False)
class FixDuration(SoundTransformer):
    """Zero-pad or cut every clip at its end to the same duration.

    Parameters
    ----------
    duration : float, default=3.0
        Duration in seconds.
    sr : float, default=22050
        Sample rate in Hz that is assumed for arrays; every other clip has its own.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, FixDuration
    >>> clips = [Audio(np.ones(9000), 8000), Audio(np.ones(3000), 8000)]
    >>> [len(sound.y) for sound in FixDuration(1.0).fit_transform(clips)]
    [8000, 8000]
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "duration": [Interval(Real, 0, None, closed="neither")],
        "sr": [Interval(Real, 0, None, closed="neither")],
    }

    duration: float = 3.0
    sr: float = DEFAULT_SR

    def _array_sr(self) -> float:
        return self.sr

    def _apply(self, y: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], float]:
        return fix_length(y, n_samples(self.duration, sr)), sr
