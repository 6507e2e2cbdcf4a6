"""Base class of the features whose values have names."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import check_feature_names_in
from skser.features._base import AudioExtractor


@dataclass(eq=False, repr=False, kw_only=True)
class NamedExtractor(AudioExtractor):
    """A vector of named values for each clip; a subclass implements `_value_names`."""

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the values, such as ``mfcc01_mean``, ``chroma03_std``, ``rms_t017``.

        Coefficients are numbered from 1 (chroma01 is C), frames from 0 (frame t is centred at
        ``t * hop_length / sr`` seconds).

        Parameters
        ----------
        input_features : None
            Ignored; samples have no names.

        Returns
        -------
        names : ndarray of shape (n_values,), dtype=object
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        return np.asarray(self._value_names(), dtype=object)

    @abstractmethod
    def _value_names(self) -> list[str]:
        """Return the names of the values; called after fit."""
