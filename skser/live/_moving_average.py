from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smoothed(
    shares: NDArray[np.float64], centres: NDArray[np.float64], seconds: float
) -> NDArray[np.float64]:
    """Return a moving average of probabilities over time.

    Parameters
    ----------
    shares : ndarray of shape (n_windows, n_classes)
        Rows of NaN stay so, and do not count for others.
    centres : ndarray of shape (n_windows,)
        Of the windows, in seconds, in order.
    seconds : float
        Each row becomes the mean of those whose centres lie within half of this.

    Returns
    -------
    shares : ndarray of shape (n_windows, n_classes)
    """
    known = np.isfinite(shares[:, 0])
    # Times are sums of steps: a microsecond decides nothing.
    reach = seconds / 2 + 1e-6
    first = np.searchsorted(centres, centres - reach)
    end = np.searchsorted(centres, centres + reach)
    out = np.full_like(shares, np.nan)
    for row in np.flatnonzero(known):
        near = slice(first[row], end[row])
        out[row] = shares[near][known[near]].mean(axis=0)
    return out
