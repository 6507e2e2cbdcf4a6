from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skser.features._ragged import check_ragged, is_ragged


@dataclass(eq=False, repr=False)
class SpectrogramScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    r"""Standardise each row (and channel) of images, over all clips and frames of fit.

    .. math:: z_{i r t} = (x_{i r t} - \mu_r) / \sigma_r

    A row is a frequency band, or a cepstral coefficient. `StandardScaler` takes no images, and
    would give each pixel a scale of its own. A row that is constant in fit is only centred.

    Parameters
    ----------
    with_mean : bool, default=True
        Subtract the mean.
    with_std : bool, default=True
        Divide by the standard deviation.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_rows,) or (n_rows, n_channels)
        What is subtracted and divided by.
    n_features_in_ : int
        Number of rows.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import SpectrogramScaler
    >>> images = np.random.default_rng(0).normal(5, 2, size=(10, 30, 40))
    >>> scaled = SpectrogramScaler().fit_transform(images)
    >>> bool(np.allclose(scaled.mean(axis=(0, 2)), 0))
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "with_mean": ["boolean"],
        "with_std": ["boolean"],
    }

    with_mean: bool = True
    with_std: bool = True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn mean and standard deviation of each row.

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
        self._validate_params()
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            X = np.concatenate(list(X), axis=1)[np.newaxis]
        X = self._check(X, reset=True)
        axes = (0, 2) if X.ndim > 2 else (0,)
        n_values = np.prod([X.shape[axis] for axis in axes])
        mean = X.mean(axis=axes, dtype=np.float64)
        spread = X.std(axis=axes, dtype=np.float64)
        # A constant row has a spread of rounding errors.
        constant = spread <= 10 * np.finfo(X.dtype).eps * np.abs(mean) * np.sqrt(n_values)
        self.mean_ = mean if self.with_mean else np.zeros_like(mean)
        self.scale_ = np.where(constant, 1, spread) if self.with_std else np.ones_like(mean)
        self.image_ndim_ = X.ndim
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Standardise images.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_rows[, n_frames[, n_channels]])
            Images with as many rows and channels as in fit, and any number of frames; an
            object array of shape (n_clips,) where that differs.

        Returns
        -------
        X_scaled : ndarray of the shape of X
        """
        check_is_fitted(self)
        X = check_ragged(X, axis=1)
        if is_ragged(X):
            scaled = np.empty_like(X)
            for index, image in enumerate(X):
                scaled[index] = self._standardise(image[np.newaxis])[0]
            return scaled
        return self._standardise(X)

    def _standardise(self, X: Any) -> NDArray[np.floating]:
        X = self._check(X, reset=False)
        if X.ndim != self.image_ndim_ or X.shape[3:] != self.mean_.shape[1:]:
            raise ValueError(
                f"X has shape {X.shape}, but SpectrogramScaler was fitted on images of "
                f"{self.image_ndim_} dimensions with statistics of shape {self.mean_.shape}."
            )
        per_row = (slice(None), np.newaxis) if X.ndim > 2 else (slice(None),)
        scaled: NDArray[np.floating] = X - self.mean_[per_row].astype(X.dtype)
        scaled /= self.scale_[per_row].astype(X.dtype)
        return scaled

    def _check(self, X: Any, *, reset: bool) -> NDArray[np.floating]:
        checked: NDArray[np.floating] = validate_data(
            self, X, reset=reset, allow_nd=True, dtype=[np.float32, np.float64]
        )
        if checked.ndim > 4:
            raise ValueError(
                f"X has {checked.ndim} dimensions, but images have shape "
                "(n_clips, n_rows[, n_frames[, n_channels]])."
            )
        return checked

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
