from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._audio_image import AudioImage
from skser.features._base import MEL_CONSTRAINTS


@dataclass(eq=False, repr=False)
class Mel2D(AudioImage):
    """Mel spectrogram as an image, lowest band first.

    Parameters
    ----------
    {mel}
    to_db : bool, default=True
        Whether to return levels in dB, at most 80 dB below the clip's loudest band, instead of
        power.
    {plan}
    {deltas}

    See Also
    --------
    SpectrogramScaler : Standardise the rows.
    Mel : The same spectrogram as a vector.

    Notes
    -----
    The output has shape (n_clips, n_mels, n_frames), with deltas (n_clips, n_mels, n_frames,
    1 + deltas). If clips differ in length and `duration` is None, it is an object array of shape
    (n_clips,) with one image per clip, which `SpectrogramScaler` and networks for inputs of any
    length accept.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Mel2D
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Mel2D().fit_transform(noise).shape
    (3, 128, 44)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioImage._parameter_constraints,
        **MEL_CONSTRAINTS,
        "to_db": ["boolean"],
    }

    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    to_db: bool = True

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        mel = analysis.log_mel if self.to_db else analysis.mel
        return mel(self.n_mels, self.fmin, self.fmax).T
