from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis._voice import VoiceAnalysis
from skser.features._voice_feature import SpeechFeature


@dataclass(eq=False, repr=False)
class Loudness(SpeechFeature):
    r"""Perceived loudness: the sum of the auditory spectrum.

    .. math:: L = \sum_{b=1}^{26} \left( E_b \sum_k F_{b, k} P_k \right)^{0.33}

    where P is the power of a 20 ms frame, F are 26 triangular mel bands from 20 to 8000 Hz, and E
    is the equal-loudness weight of hearing [1]_. Loudness has no unit, and is 0 in silence.

    Parameters
    ----------
    {speech}

    See Also
    --------
    RMS : Level without a model of hearing.

    References
    ----------
    .. [1] H. Hermansky, "Perceptual linear predictive (PLP) analysis of speech", JASA 87(4), 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Loudness
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> soft, loud = Loudness().fit_transform([0.1 * voice, voice])[:, 0]
    >>> bool(loud > 4 * soft)
    True
    """

    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        return voice.loudness[np.newaxis]
