from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class ZCR(AudioFeature):
    r"""Zero-crossing rate: the fraction of neighbouring samples that differ in sign.

    .. math:: \mathrm{ZCR} = \frac{1}{N} \sum_{n=1}^{N-1} [s_n \ne s_{n-1}]

    over the N = n_fft samples of a frame, where s is the sign. It is high for hiss and frication,
    and low for voiced sounds. The values equal `librosa.feature.zero_crossing_rate`.

    Parameters
    ----------
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import ZCR
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> ZCR().fit_transform(noise).shape
    (3, 1)
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.zero_crossing_rate[np.newaxis]
