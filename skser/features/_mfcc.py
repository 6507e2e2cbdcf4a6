from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.features._audio_feature import AudioFeature
from skser.features._base import MEL_CONSTRAINTS


@dataclass(eq=False, repr=False)
class MFCC(AudioFeature):
    r"""Mel-frequency cepstral coefficients: the spectral envelope, decorrelated.

    .. math:: c_k = a_k \sum_{m=0}^{M-1} L_m \cos\frac{\pi k (2 m + 1)}{2 M}

    is the orthonormal DCT-II of the levels L in dB of the M mel bands (Davis & Mermelstein 1980,
    with Slaney's mel scale). The values equal `librosa.feature.mfcc`.

    Parameters
    ----------
    n_mfcc : int, default=20
        Number of coefficients, at most `n_mels`.
    {mel}
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import MFCC
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> MFCC().fit_transform(noise).shape
    (3, 20)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        **MEL_CONSTRAINTS,
    }

    n_mfcc: int = 20
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.mfcc(self.n_mfcc, self.n_mels, self.fmin, self.fmax).T
