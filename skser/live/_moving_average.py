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
        Probabilities. Rows of NaN stay NaN, and are left out of the averages of other rows.
    centres : ndarray of shape (n_windows,)
        Centres of the windows in seconds, in ascending order.
    seconds : float
        Width of the average: each row becomes the mean of the rows whose centres lie within half
        of this.

    Returns
    -------
    shares : ndarray of shape (n_windows, n_classes)
    """
    known = np.isfinite(shares[:, 0])
    # Times are sums of steps, so allow for their rounding errors.
    reach = seconds / 2 + 1e-6
    first = np.searchsorted(centres, centres - reach)
    end = np.searchsorted(centres, centres + reach)
    out = np.full_like(shares, np.nan)
    for row in np.flatnonzero(known):
        near = slice(first[row], end[row])
        out[row] = shares[near][known[near]].mean(axis=0)
    return out
