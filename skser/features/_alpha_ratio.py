from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis._voice import VoiceAnalysis
from skser.features._voice_feature import SpeechFeature


@dataclass(eq=False, repr=False)
class AlphaRatio(SpeechFeature):
    r"""Ratio of the energy from 1 to 5 kHz to the energy from 50 Hz to 1 kHz, in dB.

    .. math:: 10 \log_{10} \frac{\sum_{1 \le f_k < 5\,\mathrm{kHz}} P_k}
       {\sum_{0.05 \le f_k < 1\,\mathrm{kHz}} P_k}

    where P is the power of a 20 ms frame [1]_. The ratio rises with vocal effort. It is missing in
    silent frames.

    Parameters
    ----------
    {speech}

    References
    ----------
    {GeMAPS}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import AlphaRatio
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> AlphaRatio().fit_transform([voice]).shape
    (1, 1)
    """

    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        return voice.alpha_ratio[np.newaxis]
