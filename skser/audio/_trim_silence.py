from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.audio._base import SoundTransformer


@dataclass(eq=False, repr=False)
class TrimSilence(SoundTransformer):
    """Trim silence from both ends of each clip.

    A frame is silent if its RMS lies more than `top_db` below that of the loudest frame, as
    in `librosa.effects.trim`. A clip that is entirely silent is not changed.

    Parameters
    ----------
    top_db : float, default=30
        Threshold in decibels below the loudest frame.
    frame_length, hop_length : int, default=2048, 512
        Length of the frames and hop between them, in samples.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, TrimSilence
    >>> y = np.concatenate([np.zeros(8192), np.ones(8192), np.zeros(8192)])
    >>> TrimSilence().fit_transform([Audio(y, 16000)])[0].y.shape
    (9728,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "top_db": [Interval(Real, 0, None, closed="neither")],
        "frame_length": [Interval(Integral, 1, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }

    top_db: float = 30
    frame_length: int = 2048
    hop_length: int = 512

    def _apply(self, y: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], float]:
        from librosa.effects import trim

        trimmed, _ = trim(
            y,
            top_db=self.top_db,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
        )
        return (trimmed if trimmed.size else y), sr
