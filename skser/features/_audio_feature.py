"""Base class of the features that turn a clip into a vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from skser.features._framed_extractor import FramedExtractor
from skser.features._pooled_extractor import PooledExtractor


@dataclass(eq=False, repr=False, kw_only=True)
class AudioFeature(PooledExtractor, FramedExtractor):
    """Base class of features that turn each clip into a vector.

    A subclass is a dataclass whose fields are its parameters. It implements
    ``_frames(analysis)``, which returns the coefficients of every frame, an array of shape
    (n_coefficients, n_frames). The base class reads clips, pools frames and names values, so do
    not override `fit` and `transform`.

    Parameters
    ----------
    {plan}
    {pooling}
    {deltas}

    See Also
    --------
    Analysis : Spectra that ``_frames`` receives.
    AudioImage : Base class of features that turn each clip into an image.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from skser import AudioFeature
    >>> @dataclass(eq=False, repr=False)
    ... class Peak(AudioFeature):
    ...     def _frames(self, analysis):
    ...         return analysis.magnitude.max(axis=1)[np.newaxis]
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> Peak(pooling=["mean", "std"]).fit_transform(noise).shape
    (3, 2)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **FramedExtractor._parameter_constraints,
        **PooledExtractor._parameter_constraints,
    }
