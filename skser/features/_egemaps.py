from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import StrOptions
from skser.analysis import Analysis
from skser.analysis._egemaps import DESCRIPTORS, FUNCTIONALS, descriptors, functionals
from skser.features._named_extractor import NamedExtractor
from skser.features._voice_feature import VoiceExtractor


@dataclass(eq=False, repr=False)
class EGeMAPS(VoiceExtractor, NamedExtractor):
    """Extended Geneva Minimalistic Acoustic Parameter Set: 88 functionals of the voice in a clip.

    The functionals describe pitch, loudness, voice quality, formants, spectral balance and rhythm,
    with the names and in the order of eGeMAPSv02 in openSMILE. They follow the paper [1]_, and
    differ from openSMILE where the paper does.

    Contours are averaged over three frames. Those with ``nz`` in their names exist in voiced
    frames only, or in unvoiced frames (``UV``); all others exist in every frame. ``amean`` is the
    mean and ``stddevNorm`` the standard deviation over the mean. Pitch is in semitones above
    27.5 Hz, slopes of pitch and loudness are per second, levels are in dB, lengths in s.

    A functional is 0 if no frame has a value: those of voiced frames in a clip without any, those
    of unvoiced frames in a clip that is voiced throughout. In a silent clip, all functionals are 0
    except the length of the single unvoiced segment and the level, which is -140 dB.

    Parameters
    ----------
    level : {"functionals", "frames"}, default="functionals"
        Whether to compute the 88 functionals of each clip, or the contours of the 25 descriptors,
        one after the other, with 0 where a frame has no value. Contours of clips that differ in
        length need a `duration`; ``reshape(25, -1)`` turns a row back into a table. Frame t, as in
        ``Loudness_sma3_t017``, is centred at ``t / 100`` seconds.
    {voice}

    See Also
    --------
    Pitch : A single feature of the voice, with a choice of pooling.

    References
    ----------
    .. [1] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
       Research and Affective Computing", IEEE TAC 7(2), 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import EGeMAPS
    >>> voice = 120 * np.arange(16000) / 16000 % 1 - 0.5
    >>> values = EGeMAPS().set_output(transform="pandas").fit_transform([voice])
    >>> values.shape
    (1, 88)
    >>> values["F0semitoneFrom27.5Hz_sma3nz_amean"].round(1).tolist()
    [25.5]

    The descriptors of every frame, 10 ms apart:

    >>> frames = EGeMAPS(level="frames").fit_transform([voice])
    >>> frames.reshape(25, -1).shape
    (25, 101)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **VoiceExtractor._parameter_constraints,
        "level": [StrOptions({"functionals", "frames"})],
    }

    level: str = "functionals"

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        if self.level == "functionals":
            return functionals(analysis.voice)
        return np.nan_to_num(descriptors(analysis.voice)).ravel()

    def _learn(self, analysis: Analysis, shape: tuple[int, ...]) -> None:
        super()._learn(analysis, shape)
        self.n_frames_ = analysis.voice.n_frames

    def _value_names(self) -> list[str]:
        if self.level == "functionals":
            return list(FUNCTIONALS)
        return [f"{name}_t{t:03d}" for name in DESCRIPTORS for t in range(self.n_frames_)]
