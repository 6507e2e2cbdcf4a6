from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class RMS(AudioFeature):
    r"""Root mean square of the samples: the level of each frame.

    .. math:: \mathrm{RMS} = \sqrt{\frac{1}{N} \sum_{n=0}^{N-1} y_n^2}

    over the N = n_fft samples of a frame, without a window. The values equal
    `librosa.feature.rms`. RMS is not perceived loudness, which `Loudness` models.

    Parameters
    ----------
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import RMS
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> RMS().fit_transform(noise).shape
    (3, 1)
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.rms[np.newaxis]
