"""Sound level of a clip."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SILENCE_DB = -140.0


def equivalent_level(y: NDArray[np.float32]) -> float:
    """Compute the level of the mean power of a clip: ``10 log10(mean(y ** 2))``.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples; 1 is full scale.

    Returns
    -------
    level : float
        Level in dB relative to full scale, at least -140.
    """
    # Sum one block at a time, in double precision.
    step = 2**16
    energy = sum(
        float(np.vecdot(block, block))
        for block in (y[i : i + step].astype(np.float64) for i in range(0, len(y), step))
    )
    return 10 * math.log10(max(energy / max(len(y), 1), 10 ** (SILENCE_DB / 10)))
