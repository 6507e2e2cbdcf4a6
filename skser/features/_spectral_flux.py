from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis._voice import VoiceAnalysis
from skser.features._voice_feature import SpeechFeature


@dataclass(eq=False, repr=False)
class SpectralFlux(SpeechFeature):
    r"""Change of the magnitude spectrum below 5 kHz from frame to frame.

    .. math:: \sqrt{\frac{1}{K} \sum_{k=1}^{K} (S_{t, k} - S_{t-1, k})^2}

    where S is the magnitude of 20 ms frames that are 10 ms apart [1]_. The flux is 0 in the first
    frame.

    Parameters
    ----------
    {speech}

    References
    ----------
    {GeMAPS}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralFlux
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> SpectralFlux().fit_transform([voice]).shape
    (1, 1)
    """

    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        return voice.spectral_flux[np.newaxis]
