from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Bunch

from skser._sklearn_compat import safe_indexing, validate_params

_OF_THE_WHOLE = frozenset({"target_names", "DESCR"})
"""Entries that may be as long as there are clips without telling of each clip."""


@validate_params({"corpus": [Bunch], "mask": ["array-like"]}, prefer_skip_nested_validation=True)
def subset_corpus(corpus: Bunch, mask: ArrayLike) -> Bunch:
    """Take some clips of a corpus, with all that is known of them.

    Parameters
    ----------
    corpus : Bunch
        As from `load_ravdess` and the other loaders. It is not changed.
    mask : array-like of bool of shape (n_clips,), or of int
        Whether to take each clip; or places of the clips to take, in this order.

    Returns
    -------
    subset : Bunch
        Every entry that has a value for each clip (``data``, ``target``, ``groups``, ``frame`` and
        what you put in) holds the values of the clips taken; the frame is numbered anew.
        ``target_names`` are the classes that are left. All other entries stay.

    Raises
    ------
    ValueError
        If a mask of bool is not as long as the corpus, `mask` holds other things than bool or int,
        or takes no clip.
    IndexError
        If there is no clip at one of the places.

    See Also
    --------
    concat_corpora : Puts corpora together.
    speaker_split : Holds out some speakers.

    Examples
    --------
    >>> from skser import make_emotional_speech, subset_corpus
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=1, random_state=0)
    >>> two = subset_corpus(speech, speech.frame["emotion"].isin(["angry", "sad"]))
    >>> len(two.data), len(two.frame), two.target_names.tolist()
    (8, 8, ['angry', 'sad'])
    """
    n_clips = len(corpus["data"])
    places = _places(mask, n_clips)
    subset = Bunch(**corpus)
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
            "each clip, or the places of clips."
        )
    if chosen.dtype == bool and len(chosen) != n_clips:
        raise ValueError(
            f"mask has {len(chosen)} values, but the corpus {n_clips} clips. Pass one True or "
            "False for each clip, or the places of clips as integers."
        )
    if not (chosen.any() if chosen.dtype == bool else len(chosen)):
        raise ValueError(f"mask takes none of the {n_clips} clips. Take one or more.")
    if chosen.dtype != bool and not ((chosen >= -n_clips) & (chosen < n_clips)).all():
        missing = chosen[(chosen < -n_clips) | (chosen >= n_clips)][0]
        raise IndexError(f"mask names place {missing}, but the corpus has {n_clips} clips.")
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
