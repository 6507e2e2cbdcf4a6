from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.audio._base import DEFAULT_SR, SoundTransformer
from skser.audio._items import Audio
from skser.audio._load import load_clip


@dataclass(eq=False, repr=False)
class LoadAudio(SoundTransformer):
    """Decode clips into memory, as mono float32.

    Features load clips themselves; use this step to decode clips only once if they are used
    often, or to look at the samples.

    Parameters
    ----------
    sr : float, default=None
        Sample rate in Hz to which every clip is resampled (``soxr_hq``). If None, each clip keeps
        its own rate. Arrays are assumed to have this sample rate already, and are returned as
        arrays, which do not carry it: the following steps must have the same `sr`.

    See Also
    --------
    FixDuration : Make all clips equally long.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, LoadAudio
    >>> stereo = Audio(np.zeros((2, 16000)), sr=16000)
    >>> sound = LoadAudio(sr=8000).fit_transform([stereo])[0]
    >>> sound.y.shape, sound.sr
    ((8000,), 8000)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "sr": [Interval(Real, 0, None, closed="neither"), None]
    }

    sr: float | None = None

    def _array_sr(self) -> float:
        return DEFAULT_SR if self.sr is None else self.sr

    def _apply(self, y: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], float]:
        wanted = sr if self.sr is None else self.sr
        return load_clip(Audio(y, sr), wanted), wanted
