from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class SpectralCentroid(AudioFeature):
    r"""Mean frequency in Hz, weighted by magnitude: the brightness of the sound.

    .. math:: c = \frac{\sum_k f_k S_k}{\sum_k S_k}

    The centroid of a silent frame is 0 Hz. The values equal `librosa.feature.spectral_centroid`;
    see Klapuri & Davy (2007), chapter 5.

    Parameters
    ----------
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralCentroid
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> SpectralCentroid().fit_transform(noise).shape
    (3, 1)
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.centroid[np.newaxis]
