"""Base of the features that make an image of a clip, a column a frame."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Options
from skser.analysis import Analysis, with_deltas
from skser.features._base import AudioExtractor


@dataclass(eq=False, repr=False, kw_only=True)
class AudioImage(AudioExtractor):
    """An image a clip, a row a coefficient and a column a frame; a leaf writes `_frames`.

    Without `duration`, clips that differ in length give images that do: an object array.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioExtractor._parameter_constraints,
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

    def _learn(self, analysis: Analysis) -> None:
        super()._learn(analysis)
        if self.n_samples_ is None:
            n_rows, _, *channels = self.output_shape_
            self.output_shape_ = (n_rows, None, *channels)
