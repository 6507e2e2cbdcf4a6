from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.metaestimators import available_if

from skser.preprocessing._image_transformer import ImageTransformer


@dataclass(eq=False, repr=False)
class SpectrogramScaler(OneToOneFeatureMixin, ImageTransformer):
    r"""Standardise each row (and channel) of images over all clips and frames of fit.

    .. math:: z_{i r t} = (x_{i r t} - \mu_r) / \sigma_r

    A row is a frequency band or a cepstral coefficient. `StandardScaler` does not accept images,
    and would scale each pixel separately. A row that is constant in fit is only centred.

    Parameters
    ----------
    with_mean : bool, default=True
        Whether to subtract the mean.
    with_std : bool, default=True
        Whether to divide by the standard deviation.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_rows,) or (n_rows, n_channels)
        Values that are subtracted, and by which the difference is divided.
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

    def _is_table(self) -> bool:
        return getattr(self, "image_ndim_", 2) == 2

    @available_if(_is_table)
    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the rows of images with one frame; other images have no names.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the rows. If None, the names seen in fit are used or, if there were none, x0,
            x1, ...

        Returns
        -------
        names : ndarray of shape (n_rows,), dtype=object
        """
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names

    def _learn(self, images: NDArray[np.floating]) -> None:
        axes = (0, 2) if images.ndim > 2 else (0,)
        n_values = np.prod([images.shape[axis] for axis in axes])
        mean = images.mean(axis=axes, dtype=np.float64)
        spread = images.std(axis=axes, dtype=np.float64)
        # The spread of a constant row consists of rounding errors.
        constant = spread <= 10 * np.finfo(images.dtype).eps * np.abs(mean) * np.sqrt(n_values)
        self.mean_ = mean if self.with_mean else np.zeros_like(mean)
        self.scale_ = np.where(constant, 1, spread) if self.with_std else np.ones_like(mean)
        self.image_ndim_ = images.ndim

    def _transform_images(self, images: NDArray[np.floating]) -> NDArray[np.floating]:
        if images.ndim != self.image_ndim_ or images.shape[3:] != self.mean_.shape[1:]:
            raise ValueError(
                f"X has shape {images.shape}, but SpectrogramScaler was fitted on images of "
                f"{self.image_ndim_} dimensions with statistics of shape {self.mean_.shape}."
            )
        per_row = (slice(None), np.newaxis) if images.ndim > 2 else (slice(None),)
        scaled: NDArray[np.floating] = images - self.mean_[per_row].astype(images.dtype)
        scaled /= self.scale_[per_row].astype(images.dtype)
        return scaled
