from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis._voice import VoiceAnalysis
from skser.features._voice_feature import SpeechFeature


@dataclass(eq=False, repr=False)
class HammarbergIndex(SpeechFeature):
    r"""Ratio of the strongest peak below 2 kHz to the strongest from 2 to 5 kHz, in dB.

    .. math:: 10 \log_{10} \frac{\max_{f_k < 2\,\mathrm{kHz}} P_k}
       {\max_{2 \le f_k < 5\,\mathrm{kHz}} P_k}

    where P is the power of a 20 ms frame [1]_. The index falls with vocal effort. It is missing in
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
    >>> from skser import HammarbergIndex
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> HammarbergIndex().fit_transform([voice]).shape
    (1, 1)
    """

    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        return voice.hammarberg_index[np.newaxis]
