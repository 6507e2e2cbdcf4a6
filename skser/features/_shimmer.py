from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class Shimmer(VoiceFeature):
    r"""Shimmer of the voice: how much neighbouring periods differ in amplitude, in dB.

    .. math:: \frac{1}{K - 1} \sum_{k=2}^{K} \left| 20 \log_{10} \frac{A_k}{A_{k-1}} \right|

    over the peaks A of the waveform in the K periods of the voice within 30 ms of the middle of a
    frame [1]_. Steps above 4.1 dB, a factor of 1.6, are left out, because in speech most of them
    are at the start or the end of a sound; the shimmer of a very rough voice, above 1.5 dB, is
    therefore too low. Shimmer is missing in unvoiced frames.

    Parameters
    ----------
    {voice}
    {voice pooling}

    References
    ----------
    {GeMAPS}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Shimmer
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> bool(Shimmer().fit_transform([voice])[0, 0] < 0.5)
    True
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.voice.shimmer[np.newaxis]
