"""Base of what takes images and turns them, whatever their number of frames."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skser._array_output import ArrayOutputMixin
from skser._repr import AddressFreeRepr
from skser._state import restored_on_error
from skser.audio._finite import naming_what_is_not_finite
from skser.preprocessing._ragged import check_ragged, is_ragged


class ImageTransformer(
    AddressFreeRepr, ArrayOutputMixin, TransformerMixin, BaseEstimator, metaclass=ABCMeta
):
    """Turn images, as one array or of different lengths; a leaf writes `_learn` and `_turned`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def _learn(self, images: NDArray[np.floating]) -> None:
        """Learn from images of shape (n_clips, n_rows[, n_frames[, n_channels]])."""

    @abstractmethod
    def _turned(self, images: NDArray[np.floating]) -> NDArray[np.floating]:
        """Turn images of that shape; raise ValueError if they do not fit what was learnt."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from images.

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
        with restored_on_error(self):
            self._validate_params()
            X = check_ragged(X, axis=1)
            if is_ragged(X):
                X = np.concatenate(list(X), axis=1)[np.newaxis]
            self._learn(self._checked(X, reset=True))
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Turn each image.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images with as many rows and channels as in fit, and any number of frames; an
            object array of shape (n_clips,) where that differs.

        Returns
        -------
        X_turned : ndarray of shape (n_clips, ...)
            Of an object array, an object array of shape (n_clips,) that holds an array a clip.
        """
        check_is_fitted(self)
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            turned = np.empty_like(X)
            for index, image in enumerate(X):
                turned[index] = self._turned(self._checked(image[np.newaxis], reset=False))[0]
            return turned
        return self._turned(self._checked(X, reset=False))

    def _checked(self, X: Any, *, reset: bool) -> NDArray[np.floating]:
        with naming_what_is_not_finite(X):
            images: NDArray[np.floating] = validate_data(
                self, X, reset=reset, allow_nd=True, dtype=[np.float32, np.float64]
            )
        if images.ndim > 4:
            raise ValueError(
                f"X has {images.ndim} dimensions, but images have shape "
                "(n_clips, n_rows[, n_frames[, n_channels]])."
            )
        return images

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
