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
from skser.audio._finite import report_nonfinite_sample
from skser.preprocessing._ragged import check_ragged, is_ragged


class ImageTransformer(
    AddressFreeRepr, ArrayOutputMixin, TransformerMixin, BaseEstimator, metaclass=ABCMeta
):
    """Transform images, as one array or of different lengths.

    A subclass implements `_learn` and `_transform_images` and nothing else.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def _learn(self, images: NDArray[np.floating]) -> None:
        """Learn from images of shape (n_clips, n_rows[, n_frames[, n_channels]])."""

    @abstractmethod
    def _transform_images(self, images: NDArray[np.floating]) -> NDArray[np.floating]:
        """Transform images of that shape; raise ValueError if they do not match those of fit."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the transformer to images.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images; those of a 2-D array have one frame. Images that differ in their number of
            frames are passed as an object array of shape (n_clips,).
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
        """Transform each image.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images with as many rows and channels as in fit, and any number of frames; an
            object array of shape (n_clips,) if their numbers of frames differ.

        Returns
        -------
        X_transformed : ndarray of shape (n_clips, ...)
            Transformed images. If X is an object array, an object array of shape (n_clips,) with
            one array per clip.
        """
        check_is_fitted(self)
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            transformed = np.empty_like(X)
            for index, image in enumerate(X):
                images = self._checked(image[np.newaxis], reset=False)
                transformed[index] = self._transform_images(images)[0]
            return transformed
        return self._transform_images(self._checked(X, reset=False))

    def _checked(self, X: Any, *, reset: bool) -> NDArray[np.floating]:
        with report_nonfinite_sample(X):
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
