from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skser.features._ragged import check_ragged, is_ragged


@dataclass(eq=False, repr=False)
class ImageToSequence(TransformerMixin, BaseEstimator):
    r"""Turn images, a row a coefficient, into sequences, a row a frame, for `Conv1DClassifier`.

    .. math:: z_{i, t, r C + c} = x_{i, r, t, c}

    The value of row r and channel c, of C, is number r C + c of a frame: row 0 channel 0,
    row 0 channel 1, ..., row 1 channel 0, and so on. Nothing is learnt; fit only takes down how
    many rows and channels there are.

    Attributes
    ----------
    n_features_in_ : int
        Number of rows.
    n_channels_ : int
        Number of channels; 1 for images without.

    See Also
    --------
    Mel2D, MFCC2D : Give images.
    Conv1DClassifier : Takes sequences.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import ImageToSequence, Mel2D
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> images = Mel2D(deltas=2).fit_transform(noise)
    >>> images.shape
    (3, 128, 44, 3)
    >>> ImageToSequence().fit_transform(images).shape
    (3, 44, 384)
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Take down the number of rows and channels.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images; a 2-D array has one frame. Images that differ in their number of frames
            are an object array of shape (n_clips,).
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            X = np.concatenate(list(X), axis=1)[np.newaxis]
        self.n_channels_: int = self._check(X, reset=True).shape[3]
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Turn each image into a sequence.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images with as many rows and channels as in fit, and any number of frames; an
            object array of shape (n_clips,) where that differs.

        Returns
        -------
        sequences : ndarray of shape (n_clips, n_frames, n_rows * n_channels)
            Of an object array, an object array of shape (n_clips,) that holds arrays of shape
            (n_frames, n_rows * n_channels).
        """
        check_is_fitted(self)
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            sequences = np.empty_like(X)
            for index, image in enumerate(X):
                sequences[index] = self._turned(image[np.newaxis])[0]
            return sequences
        return self._turned(X)

    def _turned(self, X: Any) -> NDArray[np.floating]:
        images = self._check(X, reset=False)
        if images.shape[3] != self.n_channels_:
            raise ValueError(
                f"X has shape {images.shape}, but ImageToSequence was fitted on images of "
                f"{self.n_channels_} channels."
            )
        n_clips, n_rows, n_frames, n_channels = images.shape
        frames = images.swapaxes(1, 2).copy()
        return frames.reshape(n_clips, n_frames, n_rows * n_channels)

    def _check(self, X: Any, *, reset: bool) -> NDArray[np.floating]:
        """Return images of shape (n_clips, n_rows, n_frames, n_channels)."""
        images: NDArray[np.floating] = validate_data(
            self, X, reset=reset, allow_nd=True, dtype=[np.float32, np.float64]
        )
        if images.ndim > 4:
            raise ValueError(
                f"X has {images.ndim} dimensions, but images have shape "
                "(n_clips, n_rows[, n_frames[, n_channels]])."
            )
        return images.reshape(images.shape + (1,) * (4 - images.ndim))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
