from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis._voice import VoiceAnalysis
from skser.features._voice_feature import SpeechFeature


@dataclass(eq=False, repr=False)
class SpectralSlope(SpeechFeature):
    r"""Slope of the spectrum up to 500 Hz and from 500 to 1500 Hz, in dB per Hz.

    .. math:: \frac{\sum_k (f_k - \bar f) L_k}{\sum_k (f_k - \bar f)^2}

    is the slope of the least-squares line through the levels L in dB of the bins of a 20 ms frame
    whose frequencies f lie in the band [1]_. Slopes are missing in silent frames.

    Parameters
    ----------
    {speech}

    References
    ----------
    {GeMAPS}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralSlope
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> SpectralSlope().fit([voice]).get_feature_names_out().tolist()
    ['spectralslope_0_500_mean', 'spectralslope_500_1500_mean']
    """

    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        return voice.spectral_slopes

    def _coefficient_names(self) -> list[str]:
        return ["spectralslope_0_500", "spectralslope_500_1500"]
