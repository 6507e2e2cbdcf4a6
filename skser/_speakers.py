"""Who speaks in each clip, as the parameter `groups` says it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length, column_or_1d


def check_speakers(groups: Any, clips: Any) -> NDArray[Any]:
    """Check that every clip has a speaker, and that speakers can be told apart.

    Parameters
    ----------
    groups : array-like of shape (n_clips,)
        Speakers.
    clips : array-like of shape (n_clips, ...)
        What must be as long.

    Returns
    -------
    speakers : ndarray of shape (n_clips,)

    Raises
    ------
    ValueError
        If the speaker of a clip is missing, or speakers are of types that have no common order,
        such as 1 and "1".
    """
    import pandas as pd

    speakers: NDArray[Any] = column_or_1d(groups)
    check_consistent_length(clips, speakers)
    # NumPy makes text of all that a list holds if it holds some, NaN included.
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
            f"groups names speakers by {types}, so that it is not clear whether 1 and '1' are one "
            "speaker. Name all by one type, such as [str(speaker) for speaker in groups]."
        ) from error
    return speakers
