"""Base class of the features that turn a clip into an image, with one column per frame."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._array_output import ArrayOutputMixin
from skser._sklearn_compat import Options
from skser.analysis import Analysis
from skser.analysis._pooling import with_deltas
from skser.features._framed_extractor import FramedExtractor


@dataclass(eq=False, repr=False, kw_only=True)
class AudioImage(ArrayOutputMixin, FramedExtractor):
    """Base class of features that turn each clip into an image, with one column per frame.

    A subclass is a dataclass whose fields are its parameters. It implements ``_frames(analysis)``,
    which returns an array of shape (n_rows, n_frames). Without `duration`, clips that differ in
    length give images that differ in length, which are returned as an object array of shape
    (n_clips,).

    Parameters
    ----------
    {plan}
    {deltas}

    See Also
    --------
    Analysis : Spectra that ``_frames`` receives.
    AudioFeature : Base class of features that turn each clip into a vector.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from skser import AudioImage
    >>> @dataclass(eq=False, repr=False)
    ... class Spectrogram(AudioImage):
    ...     def _frames(self, analysis):
    ...         return analysis.power.T
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Spectrogram(n_fft=512).fit_transform(noise).shape
    (3, 257, 44)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **FramedExtractor._parameter_constraints,
        "deltas": [Options(Integral, {0, 1, 2})],
    }

    deltas: int = 0

    @abstractmethod
    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the image, shape (n_rows, n_frames)."""

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        image = self._frames(analysis)
        if self.deltas == 0:
            return image
        layers = with_deltas(image, self.deltas).reshape(1 + self.deltas, *image.shape)
        return np.moveaxis(layers, 0, -1)

    def _learn(self, analysis: Analysis, shape: tuple[int, ...]) -> None:
        super()._learn(analysis, shape)
        if self.n_samples_ is None:
            n_rows, _, *channels = shape
            self.output_shape_ = (n_rows, None, *channels)
