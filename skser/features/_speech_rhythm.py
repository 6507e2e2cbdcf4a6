from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.analysis import Analysis
from skser.analysis._functionals import Rhythm, peaks_per_second, rhythm
from skser.analysis._smoothing import smoothed
from skser.features._named_extractor import NamedExtractor
from skser.features._voice_feature import VoiceExtractor


@dataclass(eq=False, repr=False)
class SpeechRhythm(VoiceExtractor, NamedExtractor):
    """Rhythm of speech: six values per clip, which are not pooled.

    They are the number of loudness peaks per second, about one per syllable; the number of voiced
    segments per second; and the mean and standard deviation in s of the lengths of voiced segments,
    and of unvoiced ones, pauses included [1]_. A peak counts if it rises above the valleys beside
    it by a tenth of the range of the loudness, which is averaged over three frames.

    Without a voiced segment, the rate, mean and standard deviation of voiced segments are 0; the
    same applies to unvoiced ones.

    Parameters
    ----------
    {voice}

    See Also
    --------
    Loudness : Contour whose peaks are counted.

    References
    ----------
    {GeMAPS}

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpeechRhythm
    >>> time = np.arange(32000) / 16000
    >>> voice = (120 * time % 1 - 0.5) * (time % 0.5 < 0.3)
    >>> rhythm = SpeechRhythm().set_output(transform="pandas").fit_transform([voice])
    >>> rhythm["speechrhythm_voiced_per_second"].round().tolist()
    [2.0]
    """

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        voice = analysis.voice
        peaks = peaks_per_second(smoothed(voice.loudness), voice.hop_seconds)
        return np.array([peaks, *rhythm(voice.voiced, voice.hop_seconds)], dtype=np.float32)

    def _value_names(self) -> list[str]:
        names = ("loudness_peaks_per_second", *Rhythm._fields)
        return [f"speechrhythm_{name}" for name in names]
