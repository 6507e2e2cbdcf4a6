from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.analysis._spectral import bandwidth
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class SpectralBandwidth(AudioFeature):
    r"""Spread of the spectrum around its centroid, in Hz.

    .. math:: \left( \frac{\sum_k S_k |f_k - c|^p}{\sum_k S_k} \right)^{1/p}

    The bandwidth of a silent frame is 0 Hz. The values equal `librosa.feature.spectral_bandwidth`.

    Parameters
    ----------
    p : float, default=2.0
        Order of the spread; 2 is a weighted standard deviation.
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralBandwidth
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> SpectralBandwidth().fit_transform(noise).shape
    (3, 1)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "p": [Interval(Real, 0, None, closed="neither")],
    }

    p: float = 2.0

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        spread = bandwidth(analysis.magnitude, analysis.frequencies, analysis.moments, self.p)
        return spread[np.newaxis]
