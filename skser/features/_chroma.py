from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class Chroma(AudioFeature):
    """Energy of the twelve pitch classes in the power spectrogram.

    Each frame is divided by its largest value. The tuning is estimated from the clip. The values
    equal `librosa.feature.chroma_stft`, after Ellis (2007), "Chroma feature analysis and
    synthesis".

    Parameters
    ----------
    n_chroma : int, default=12
        Number of pitch classes per octave.
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Chroma
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Chroma().fit_transform(noise).shape
    (3, 12)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "n_chroma": [Interval(Integral, 1, None, closed="left")],
    }

    n_chroma: int = 12

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.chroma(self.n_chroma).T
