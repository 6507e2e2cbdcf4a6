from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._array_output import ArrayOutputMixin
from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.analysis._spectral import to_db
from skser.features._base import MEL_CONSTRAINTS
from skser.features._framed_extractor import FramedExtractor


@dataclass(eq=False, repr=False)
class MelImage(ArrayOutputMixin, FramedExtractor):
    """Mel spectrogram rendered with a colour map, as a picture for an image network.

    The levels in dB, from `top_db` below the clip's loudest band up to that band, are resized
    (bilinear, smoothed when shrinking) and mapped to colours. Low frequencies are at the bottom,
    and silence has the lowest colour. Clips of any length result in pictures of the same size.

    Parameters
    ----------
    height, width : int, default=64, 64
        Size of the picture in pixels.
    cmap : str, default="viridis"
        Name of a matplotlib colour map.
    top_db : float, default=80.0
        Range in dB that the colour map covers.
    {mel}
    {plan}

    See Also
    --------
    Mel2D : The same spectrogram as an image of one channel that is not resized.

    Notes
    -----
    The output has shape (n_clips, height, width, 3): red, green and blue in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from skser import MelImage
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> MelImage().fit_transform(noise).shape
    (3, 64, 64, 3)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **FramedExtractor._parameter_constraints,
        "height": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 1, None, closed="left")],
        "cmap": [str],
        "top_db": [Interval(Real, 0, None, closed="neither")],
        **MEL_CONSTRAINTS,
    }

    height: int = 64
    width: int = 64
    cmap: str = "viridis"
    top_db: float = 80.0
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        from PIL import Image

        power = analysis.mel(self.n_mels, self.fmin, self.fmax)
        level = to_db(power, self.top_db)
        level = (level - level.max()) / self.top_db + 1 if power.any() else np.zeros_like(power)
        picture = Image.fromarray(np.ascontiguousarray(level.T[::-1], dtype=np.float32))
        resized = picture.resize((self.width, self.height), Image.Resampling.BILINEAR)
        return _coloured(np.asarray(resized), self.cmap)


def _coloured(level: NDArray[np.float32], cmap: str) -> NDArray[np.float32]:
    from matplotlib import colormaps

    if cmap not in colormaps:
        raise ValueError(
            f"cmap={cmap!r} is not a colour map of matplotlib. Use one such as 'viridis', 'magma' "
            "or 'gray'."
        )
    return colormaps[cmap](level)[..., :3].astype(np.float32)
