from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Tags

from skser.exceptions import AudioWarning
from skser.neural._convolutional import ConvolutionalClassifier

if TYPE_CHECKING:
    import keras

RECOMMENDED: dict[str, Any] = {
    "epochs": 40,
    "batch_size": 16,
    "reduce_lr": "cosine",
    "time_mask": 12,
    "frequency_mask": 8,
    "mixup": 0.2,
    "class_weight": "balanced",
}
"""Training settings of the default network for mel images of speech."""


@dataclass(eq=False, repr=False)
class Conv2DClassifier(ConvolutionalClassifier):
    """Two-dimensional convolutional network over images.

    X has shape (n_samples, n_rows, n_frames) or (n_samples, n_rows, n_frames, n_channels), as
    returned by `Mel2D`, `MFCC2D` and `MelImage`. Images that differ in their number of frames form
    an object array of shape (n_samples,). The default network accepts them, padded and masked
    within a batch, so that features need no `duration`.

    Parameters
    ----------
    {network2d}
    {masks}

    Attributes
    ----------
    {network attributes}

    See Also
    --------
    Conv1DClassifier : One-dimensional convolutional network over vectors and sequences.
    SpectrogramScaler : Standardise the rows of images; networks train poorly without it.
    list_architectures : List the registered networks.

    Notes
    -----
    A table (n_samples, n_values) is treated as images of one row, and `fit` warns of it. With the
    same integer `random_state`, two fits on one machine with the same number of threads are
    bit-identical.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skser import Conv2DClassifier, Mel2D, SpectrogramScaler, make_emotional_speech
    >>> corpus = make_emotional_speech(n_per_class=2, random_state=0)
    >>> pipeline = make_pipeline(
    ...     Mel2D(n_mels=32), SpectrogramScaler(), Conv2DClassifier(epochs=1, random_state=0)
    ... )
    >>> _ = pipeline.fit(corpus.data, corpus.target)
    >>> pipeline.predict(corpus.data[:3]).shape
    (3,)
    """

    _dimensions: ClassVar[int] = 2

    architecture: str | Callable[[tuple[int, ...], int], keras.Model] = "residual2d-views"

    @classmethod
    def recommended(cls, **parameters: Any) -> Conv2DClassifier:
        """Return the default network with training settings for mel images of speech.

        The defaults of the constructor are neutral, so that studies can be reproduced. These
        settings were chosen on the training speakers of RAVDESS: 40 epochs in batches of 16, a
        cosine schedule of the learning rate, masks over 12 frames and 8 bands (SpecAugment), mixup
        0.2 and balanced class weights.

        Parameters
        ----------
        **parameters
            Parameters of the constructor, which override these settings or are added to them.

        Returns
        -------
        classifier : Conv2DClassifier
            Unfitted classifier.

        Examples
        --------
        >>> from skser import Conv2DClassifier
        >>> Conv2DClassifier.recommended(random_state=0).epochs
        40
        """
        return cls(**(RECOMMENDED | parameters))

    def _inputs(self, X: Any, *, reset: bool) -> NDArray[Any]:
        inputs = super()._inputs(X, reset=reset)
        # A table cannot be refused, because scikit-learn's check_estimator passes tables.
        if reset and inputs.dtype != object and inputs.shape[1] == 1:
            warnings.warn(
                f"X has images of one band with {inputs.shape[2]} values, as a table of vectors "
                "has. Conv2DClassifier takes images of shape (n_samples, n_bands, n_frames), such "
                "as those of Mel2D. For vectors, use Conv1DClassifier or DenseClassifier.",
                AudioWarning,
                # The stack: _inputs, _fit, fit.
                stacklevel=4,
            )
        return inputs

    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        if X.ndim == 2:
            X = X[:, np.newaxis]
        if X.ndim not in (3, 4):
            raise ValueError(
                f"X has shape {X.shape}, but Conv2DClassifier takes images (n_samples, n_rows, "
                "n_frames) or (n_samples, n_rows, n_frames, n_channels)."
            )
        return X[..., np.newaxis] if X.ndim == 3 else X

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
