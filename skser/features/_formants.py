from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class Formants(VoiceFeature):
    r"""Formants of the voice: frequency, bandwidth and amplitude of each.

    The poles :math:`z` of a linear predictor [1]_ for the envelope of the harmonics below 5 kHz
    are tracked over time [2]_:

    .. math:: F = \frac{f_s}{2 \pi} \arg z, \quad B = -\frac{f_s}{\pi} \ln |z|

    Frequency and bandwidth are in Hz; the amplitude is the level in dB of the strongest harmonic
    next to the formant, relative to the level of the first harmonic. Unvoiced frames have no
    formants.

    Parameters
    ----------
    n_formants : int, default=3
        Number of formants, at most 5. The coefficients of the first formant come first: frequency,
        bandwidth, amplitude.
    {voice}
    {voice pooling}

    Raises
    ------
    ValueError
        If `n_formants` exceeds the number that can be found: one per 1000 Hz below half of `sr`.

    See Also
    --------
    PitchDisplay : Picture of pitch and formants over the spectrogram.

    References
    ----------
    .. [1] J. Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63(4), 1975.
    .. [2] S. S. McCandless, "An algorithm for automatic formant extraction using linear prediction
       spectra", IEEE TASSP 22(2), 1974.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Formants
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> Formants(1).fit([voice]).get_feature_names_out().tolist()
    ['formants_f1_mean', 'formants_f1_bandwidth_mean', 'formants_f1_amplitude_mean']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **VoiceFeature._parameter_constraints,
        "n_formants": [Interval(Integral, 1, 5, closed="both")],
    }

    n_formants: int = 3

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        measures = np.stack(analysis.voice.formants(self.n_formants), axis=1)
        return measures.reshape(3 * self.n_formants, -1)

    def _coefficient_names(self) -> list[str]:
        measures = ("", "_bandwidth", "_amplitude")
        numbers = range(1, self.n_formants + 1)
        return [f"formants_f{n}{measure}" for n in numbers for measure in measures]
