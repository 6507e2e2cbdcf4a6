from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature
from skser.features._base import MEL_CONSTRAINTS


@dataclass(eq=False, repr=False)
class Mel(AudioFeature):
    """Mel spectrogram: power in frequency bands of equal width on the mel scale.

    The values equal `librosa.feature.melspectrogram` (Slaney's scale, filters of equal area), or,
    with `to_db`, its `librosa.power_to_db`.

    Parameters
    ----------
    {mel}
    to_db : bool, default=False
        Whether to return levels in dB, at most 80 dB below the clip's loudest band, instead of
        power.
    {plan}
    {pooling}
    {deltas}

    See Also
    --------
    Mel2D : The same spectrogram as an image.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Mel
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Mel().fit_transform(noise).shape
    (3, 128)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        **MEL_CONSTRAINTS,
        "to_db": ["boolean"],
    }

    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    to_db: bool = False

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        mel = analysis.log_mel if self.to_db else analysis.mel
        return mel(self.n_mels, self.fmin, self.fmax).T
