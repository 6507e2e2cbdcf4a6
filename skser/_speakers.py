"""Check the speakers of clips, as passed in the parameter `groups`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length, column_or_1d


def check_speakers(groups: Any, clips: Any) -> NDArray[Any]:
    """Check that every clip has a speaker, and that speakers can be distinguished.

    Parameters
    ----------
    groups : array-like of shape (n_clips,)
        Speaker of each clip.
    clips : array-like of shape (n_clips, ...)
        Clips, or other data of the same length.

    Returns
    -------
    speakers : ndarray of shape (n_clips,)
        Speakers as an array.

    Raises
    ------
    ValueError
        If the speaker of a clip is missing, or the speakers have types that cannot be sorted
        together, such as 1 and "1".
    """
    import pandas as pd

    speakers: NDArray[Any] = column_or_1d(groups)
    check_consistent_length(clips, speakers)
    # NumPy converts all values of a list to text if one of them is text, even NaN.
    as_given = speakers if hasattr(groups, "dtype") else np.asarray(groups, dtype=object).ravel()
    missing = pd.isna(as_given)
    if missing.any():
        raise ValueError(
            f"groups lacks the speaker of {missing.sum()} of {len(speakers)} clips. "
            "Leave these clips out, or pass groups=None."
        )
    try:
        np.unique(as_given)
    except TypeError as error:
        types = " and ".join(sorted({type(speaker).__name__ for speaker in as_given}))
        raise ValueError(
            f"groups mixes the types {types}, so it is unclear whether 1 and '1' are the same "
            "speaker. Use one type, for example [str(speaker) for speaker in groups]."
        ) from error
    return speakers
