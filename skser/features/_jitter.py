from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class Jitter(VoiceFeature):
    r"""Jitter of the voice: how much neighbouring periods differ in length.

    .. math:: \frac{\frac{1}{K - 1} \sum_{k=2}^{K} |T_k - T_{k-1}|}{\frac{1}{K} \sum_k T_k}

    over the K periods T of the voice within 30 ms of the middle of a frame, as a fraction of the
    period: 0.01 is a jitter of 1 %. Periods are found by waveform matching [1]_ in the excitation,
    which is computed by inverse filtering. Jitter is missing in unvoiced frames.

    Parameters
    ----------
    {voice}
    {voice pooling}

    References
    ----------
    .. [1] P. Boersma, "Should jitter be measured by peak picking or by waveform matching?", Folia
       Phoniatrica et Logopaedica 61(5), 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Jitter
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> bool(Jitter().fit_transform([voice])[0, 0] < 0.005)
    True
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.voice.jitter[np.newaxis]
