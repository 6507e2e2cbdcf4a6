from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.analysis._spectral import flatness
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class SpectralFlatness(AudioFeature):
    r"""Similarity of the spectrum to that of white noise, between 0 and 1.

    .. math:: \frac{\exp(\frac{1}{K} \sum_k \ln P_k)}{\frac{1}{K} \sum_k P_k}, \quad
        P_k = \max(S_k^p, a)

    This is the geometric over the arithmetic mean (Dubnov 2004); it is 1 in a silent frame. The
    values equal `librosa.feature.spectral_flatness`.

    Parameters
    ----------
    power : float, default=2.0
        Exponent p of the magnitude.
    amin : float, default=1e-10
        Floor a of the powers.
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralFlatness
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> SpectralFlatness().fit_transform(noise).shape
    (3, 1)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "power": [Interval(Real, 0, None, closed="neither")],
        "amin": [Interval(Real, 0, None, closed="neither")],
    }

    power: float = 2.0
    amin: float = 1e-10

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        S = analysis.power if self.power == 2 else analysis.magnitude**self.power
        return flatness(S, self.amin)[np.newaxis]
