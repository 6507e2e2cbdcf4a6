from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.analysis._spectral import rolloff
from skser.features._audio_feature import AudioFeature


@dataclass(eq=False, repr=False)
class SpectralRolloff(AudioFeature):
    r"""Frequency in Hz below which a given fraction of the magnitude lies.

    .. math:: \min \{ f_k : \textstyle\sum_{j \le k} S_j \ge r \sum_j S_j \}

    The values equal `librosa.feature.spectral_rolloff`.

    Parameters
    ----------
    roll_percent : float, default=0.85
        Fraction r of the magnitude, between 0 and 1.
    {plan}
    {pooling}
    {deltas}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectralRolloff
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> SpectralRolloff().fit_transform(noise).shape
    (3, 1)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioFeature._parameter_constraints,
        "roll_percent": [Interval(Real, 0, 1, closed="neither")],
    }

    roll_percent: float = 0.85

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return rolloff(analysis.magnitude, analysis.frequencies, self.roll_percent)[np.newaxis]
