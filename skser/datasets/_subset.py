from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Bunch

from skser._sklearn_compat import safe_indexing, validate_params
from skser.datasets._check_corpus import check_corpus

_OF_THE_WHOLE = frozenset({"target_names", "DESCR"})
"""Entries that are not per clip, even if their length equals the number of clips."""


@validate_params({"mask": ["array-like"]}, prefer_skip_nested_validation=True)
def subset_corpus(corpus: Bunch, mask: ArrayLike) -> Bunch:
    """Select some clips of a corpus, with all of their data.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by `load_ravdess` and the other loaders. It is not modified.
    mask : array-like of bool of shape (n_clips,), or of int
        Whether to select each clip; or indices of the clips to select, in this order.

    Returns
    -------
    subset : Bunch
        Every entry with one value per clip (``data``, ``target``, ``groups``, ``frame`` and entries
        that you added) contains the values of the selected clips; the index of the frame is reset.
        ``target_names`` contains the remaining classes. All other entries are unchanged.

    Raises
    ------
    ValueError
        If a mask of bool is not as long as the corpus, or if `mask` contains anything but bool or
        int or selects no clip.
    IndexError
        If an index is out of range.

    See Also
    --------
    concat_corpora : Concatenate corpora.
    speaker_split : Hold out some speakers.

    Examples
    --------
    >>> from skser import make_emotional_speech, subset_corpus
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=1, random_state=0)
    >>> two = subset_corpus(speech, speech.frame["emotion"].isin(["angry", "sad"]))
    >>> len(two.data), len(two.frame), two.target_names.tolist()
    (8, 8, ['angry', 'sad'])
    """
    check_corpus(corpus)
    n_clips = len(corpus["data"])
    places = _places(mask, n_clips)
    subset = copy.copy(corpus)
    for name, values in corpus.items():
        if name not in _OF_THE_WHOLE and _is_per_clip(values, n_clips):
            subset[name] = _take(values, places)
    if "target_names" in corpus:
        names, left = corpus["target_names"], set(subset["target"])
        kept = [place for place, name in enumerate(names) if name in left]
        subset["target_names"] = safe_indexing(names, kept)
    return subset


def _places(mask: ArrayLike, n_clips: int) -> NDArray[np.intp]:
    chosen = np.asarray(mask)
    if chosen.dtype == object and all(isinstance(value, bool | np.bool_) for value in chosen.flat):
        chosen = chosen.astype(bool)
    if chosen.ndim != 1 or not (
        chosen.dtype == bool or chosen.dtype.kind in "iu" or not len(chosen)
    ):
        raise ValueError(
            f"mask has shape {chosen.shape} and dtype {chosen.dtype}. Pass one True or False for "
            "each clip, or the indices of clips."
        )
    if chosen.dtype == bool and len(chosen) != n_clips:
        raise ValueError(
            f"mask has {len(chosen)} values, but the corpus has {n_clips} clips. Pass one True or "
            "False for each clip, or the indices of clips as integers."
        )
    if not (chosen.any() if chosen.dtype == bool else len(chosen)):
        raise ValueError(f"mask selects none of the {n_clips} clips. Select at least one.")
    if chosen.dtype != bool and not ((chosen >= -n_clips) & (chosen < n_clips)).all():
        missing = chosen[(chosen < -n_clips) | (chosen >= n_clips)][0]
        raise IndexError(
            f"mask has the index {missing}, but the corpus has {n_clips} clips. Pass indices from "
            f"{-n_clips} to {n_clips - 1}."
        )
    places: NDArray[np.intp] = np.arange(n_clips)[chosen]
    return places


def _is_per_clip(values: Any, n_clips: int) -> bool:
    is_sequence = isinstance(values, np.ndarray | pd.Series | pd.DataFrame | list | tuple)
    has_length = is_sequence and getattr(values, "ndim", 1) > 0
    return has_length and len(values) == n_clips


def _take(values: Any, places: NDArray[np.intp]) -> Any:
    if isinstance(values, pd.DataFrame | pd.Series):
        return values.iloc[places].reset_index(drop=True)
    if isinstance(values, tuple):
        return tuple(values[place] for place in places)
    return safe_indexing(values, places)
