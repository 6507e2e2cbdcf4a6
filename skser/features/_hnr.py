from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class HNR(VoiceFeature):
    r"""Harmonics-to-noise ratio of the voice, in dB.

    .. math:: \mathrm{HNR} = 10 \log_{10} \frac{r}{1 - r}

    where r is the autocorrelation of a 60 ms frame at a delay of one period, divided by that of
    its window [1]_. The ratio lies between -30 and 60 dB: it is high for a clear voice, and low for
    a breathy or hoarse one. It is missing in unvoiced frames.

    Parameters
    ----------
    {voice}
    {voice pooling}

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import HNR
    >>> voice = 125 * np.arange(16000) / 16000 % 1 - 0.5
    >>> bool(HNR(pooling="median").fit_transform([voice])[0, 0] > 40)
    True
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.voice.harmonics_to_noise[np.newaxis]
