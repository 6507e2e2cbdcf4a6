from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.analysis._tonal_centroids import tonal_centroids
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class Tonnetz(AudioFeature):
    r"""Tonal centroids: position of the pitch classes in a space of fifths and thirds.

    .. math:: \zeta_d = \frac{1}{\lVert c \rVert_1} \sum_{l=0}^{11} \Phi_{d, l} \, c_l

    where c is the constant-Q chroma. The six values are x and y of the fifths, minor and major
    thirds (Harte, Sandler & Gasser 2006); they are 0 for a silent frame. The values equal
    `librosa.feature.tonnetz`.

    Parameters
    ----------
    {plan}
    {pooling}
    {deltas}

    Raises
    ------
    ValueError
        In fit, if `sr` is below about 11025 Hz, so that seven octaves from 32.7 Hz do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Tonnetz
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Tonnetz().fit_transform(noise).shape
    (3, 6)
    """

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return tonal_centroids(analysis.chroma_cqt).T
