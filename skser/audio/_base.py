"""Base class of the transformers that take sound and return sound."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from skser._array_output import ArrayOutputMixin
from skser._repr import AddressFreeRepr
from skser._state import restored_on_error
from skser.audio._items import Audio, Item, as_items, check_items
from skser.audio._load import read_clip
from skser.audio._transient import marked_like, stack_clips
from skser.audio._with_speakers import speaker_of

DEFAULT_SR = 22050
"""Sample rate in Hz that is assumed for arrays if nothing else specifies it."""


@dataclass(eq=False, repr=False)
class SoundTransformer(
    AddressFreeRepr, ArrayOutputMixin, TransformerMixin, BaseEstimator, metaclass=ABCMeta
):
    """Transform each clip on its own; a subclass implements `_apply` and nothing else.

    Arrays are returned as arrays, and a 2-D array as a 2-D array if the transformed rows have
    the same length. Every other clip is returned as `Audio`, in a 1-D object array.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def _apply(self, y: NDArray[np.float32], sr: float) -> tuple[NDArray[np.float32], float]:
        """Return the new samples and their sample rate."""

    def _array_sr(self) -> float:
        return DEFAULT_SR

    def fit(self, X: Any, y: Any = None) -> Self:
        """Validate the parameters and X; nothing is learnt.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        with restored_on_error(self):
            items = check_items(self, X, reset=True)
            self._transform_item(items[0], 0)
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Transform each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        sounds : ndarray of shape (n_clips,), dtype=object, or (n_clips, n_samples)
            `Audio` for each path, `Segment` or `Audio`, and an array for each array. A 2-D
            array if X is one and all results have the same length.

        Raises
        ------
        AudioError
            If a clip cannot be read.
        """
        self._validate_params()
        items = check_items(self, X, reset=False)
        sounds = [self._transform_item(item, index) for index, item in enumerate(items)]
        rows = [sound for sound in sounds if isinstance(sound, np.ndarray)]
        if isinstance(items, np.ndarray) and len({len(row) for row in rows}) == 1:
            return stack_clips(rows)
        return as_items(sounds)

    def _transform_item(self, item: Item, index: int) -> Audio | NDArray[np.float32]:
        changed, sr = self._apply(*read_clip(item, self._array_sr(), index))
        y = marked_like(item.y if isinstance(item, Audio) else item, changed)
        return y if isinstance(item, np.ndarray) else Audio(y, sr, speaker_of(item))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
