from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class HarmonicDifference(VoiceFeature):
    r"""Differences between the levels of harmonics in dB: H1-H2 and H1-A3.

    .. math:: H_1 - H_2, \quad H_1 - A_3

    where H1 and H2 are the levels of the first two harmonics, and A3 is that of the strongest
    harmonic next to the third formant, all in dB [1]_. Both differences rise from a pressed to a
    breathy voice. They are missing in unvoiced frames.

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
    >>> from skser import HarmonicDifference
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> HarmonicDifference().fit([voice]).get_feature_names_out().tolist()
    ['harmonicdifference_h1_h2_mean', 'harmonicdifference_h1_a3_mean']
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.voice.harmonic_differences

    def _coefficient_names(self) -> list[str]:
        return ["harmonicdifference_h1_h2", "harmonicdifference_h1_a3"]
