from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.features._audio_image import AudioImage
from skser.features._base import MEL_CONSTRAINTS


@dataclass(eq=False, repr=False)
class MFCC2D(AudioImage):
    """Mel-frequency cepstral coefficients as an image, with one row per coefficient.

    Parameters
    ----------
    n_mfcc : int, default=20
        Number of coefficients, at most `n_mels`.
    {mel}
    {plan}
    {deltas}

    See Also
    --------
    SpectrogramScaler : Standardise the rows.
    MFCC : The same coefficients as a vector.

    Notes
    -----
    The output has shape (n_clips, n_mfcc, n_frames), with deltas (n_clips, n_mfcc, n_frames,
    1 + deltas). If clips differ in length and `duration` is None, it is an object array of shape
    (n_clips,) with one image per clip, which `SpectrogramScaler` and networks for inputs of any
    length accept.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import MFCC2D
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> MFCC2D().fit_transform(noise).shape
    (3, 20, 44)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioImage._parameter_constraints,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        **MEL_CONSTRAINTS,
    }

    n_mfcc: int = 20
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        return analysis.mfcc(self.n_mfcc, self.n_mels, self.fmin, self.fmax).T
