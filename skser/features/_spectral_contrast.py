from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.analysis._spectral import contrast
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class SpectralContrast(AudioFeature):
    """Difference between peaks and valleys of the spectrum in octave bands, in dB.

    In each band, the peak is the mean of the largest `quantile` of the magnitudes, and the valley
    that of the smallest; harmonic sound has a high contrast, noise a low one. See Jiang et al.
    (2002), "Music type classification by spectral contrast feature". The values equal
    `librosa.feature.spectral_contrast`.

    Parameters
    ----------
    fmin : float, default=200.0
        Upper edge of the lowest band in Hz.
    n_bands : int, default=6
        Number of octave bands above `fmin`; the band below `fmin` adds one more value.
    quantile : float, default=0.02
        Fraction of a band's bins that form its peak, and its valley; at least one bin.
    linear : bool, default=False
        Whether to return the difference of the magnitudes instead of their levels in dB.
    {plan}
    {pooling}
    {deltas}

    Raises
    ------
    ValueError
        In fit, if the highest band would begin above the Nyquist frequency.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralContrast
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> SpectralContrast().fit_transform(noise).shape
    (3, 7)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "fmin": [Interval(Real, 0, None, closed="neither")],
        "n_bands": [Interval(Integral, 1, None, closed="left")],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "linear": ["boolean"],
    }

    fmin: float = 200.0
    n_bands: int = 6
    quantile: float = 0.02
    linear: bool = False

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return contrast(
            analysis.magnitude,
            analysis.plan.sr,
            analysis.plan.n_fft,
            fmin=self.fmin,
            n_bands=self.n_bands,
            quantile=self.quantile,
            linear=self.linear,
        ).T
