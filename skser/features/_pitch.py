from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import StrOptions
from skser.analysis import Analysis
from skser.features._voice_feature import VoiceFeature


@dataclass(eq=False, repr=False)
class Pitch(VoiceFeature):
    r"""Fundamental frequency of the voice, in Hz or in semitones.

    Candidates are the maxima of the autocorrelation of a 60 ms frame, divided by that of its window
    [2]_. Subharmonic summation [1]_ distinguishes octaves:

    .. math:: H(f) = \sum_{n=1}^{15} 0.85^{n-1} S(n f)

    where S is the magnitude. Viterbi's algorithm tracks the candidates, from 55 to 1000 Hz, over
    time. Unvoiced frames have no pitch.

    Parameters
    ----------
    unit : {"Hz", "semitone"}, default="Hz"
        Unit of the pitch. Semitones are counted from 27.5 Hz: ``12 * log2(f0 / 27.5)``.
    voicing : bool, default=False
        Whether to add the voicing of every frame, 0 to 1, as a second coefficient: the fraction of
        the power that repeats after a period, reduced in frames far softer than the clip.
    {voice}
    {voice pooling}

    See Also
    --------
    PitchDisplay : Picture of pitch and formants over the spectrogram.

    References
    ----------
    .. [1] D. J. Hermes, "Measurement of pitch by subharmonic summation", JASA 83(1), 1988.
    .. [2] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Pitch
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> Pitch(pooling="median").fit_transform([voice]).round().tolist()
    [[120.0]]
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **VoiceFeature._parameter_constraints,
        "unit": [StrOptions({"Hz", "semitone"})],
        "voicing": ["boolean"],
    }

    unit: str = "Hz"
    voicing: bool = False

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        voice = analysis.voice
        pitch = voice.f0 if self.unit == "Hz" else 12 * np.log2(voice.f0 / np.float32(27.5))
        return np.stack([pitch, voice.voicing] if self.voicing else [pitch])

    def _coefficient_names(self) -> list[str]:
        return ["pitch", "pitch_voicing"] if self.voicing else ["pitch"]
