"""Moving average over frames with missing values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def smoothed(values: Floats, missing: NDArray[np.bool_] | None = None) -> Floats:
    """Average each frame with the previous and the next one.

    A neighbour that does not exist, as at the ends of a clip, or whose value is missing is left
    out of the average; a missing frame stays missing, so that voiced segments do not grow.

    Parameters
    ----------
    values : ndarray of shape (..., n_frames)
        Values; NaN where missing.
    missing : ndarray of shape (n_frames,), default=None
        Mask of additional frames to leave out, such as unvoiced ones.

    Returns
    -------
    averages : ndarray of shape (..., n_frames)
        Averages; NaN where a value is missing.
    """
    present = ~np.isnan(values)
    if missing is not None:
        present &= ~missing
    known = np.where(present, values, np.float32(0))
    count = present.astype(np.float32)
    total, number = known.copy(), count.copy()
    for sums, terms in ((total, known), (number, count)):
        sums[..., 1:] += terms[..., :-1]
        sums[..., :-1] += terms[..., 1:]
    return np.divide(total, number, out=np.full_like(total, np.nan), where=present)
