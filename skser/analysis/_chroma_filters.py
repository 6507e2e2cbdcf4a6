"""Filters that assign the bins of a spectrum to pitch classes.

They equal librosa's, which are not used because to import and call them costs each new process
0.8 s, most of it for numba.

References
----------
.. [1] D. P. W. Ellis, "Chroma feature analysis and synthesis", 2007,
   https://www.ee.columbia.edu/~dpwe/resources/matlab/chroma-ansyn/.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_A0 = 440 / 16
_CENTRE, _WIDTH = 5.0, 2.0
"""Octaves above A0 at which the weight is largest, and its standard deviation in octaves."""


def chroma_filters(sr: float, n_fft: int, n_chroma: int, tuning: float) -> NDArray[np.float32]:
    """Return the weights with which bins count towards pitch classes.

    Over pitch, a bin is a Gaussian whose standard deviation is half the distance to the next bin,
    and at least half a class. Its weights are scaled to a Euclidean norm of 1, and then by a
    Gaussian around 880 Hz with a standard deviation of two octaves [1]_.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of the transform in samples.
    n_chroma : int
        Number of pitch classes per octave.
    tuning : float
        Deviation from A = 440 Hz in fractions of a class.

    Returns
    -------
    filters : ndarray of shape (n_chroma, 1 + n_fft // 2)
        The first class is C.
    """
    n_bins = 1 + n_fft // 2
    pitches = _pitches(sr, n_fft, n_chroma, tuning)
    widths = np.maximum(np.diff(pitches, append=pitches[-1]), 1)[:n_bins, None]
    pitches = pitches[:n_bins, None]
    half = round(n_chroma / 2)
    # Ten octaves change nothing but the rounding, which is thereby librosa's.
    distances = (pitches - np.arange(n_chroma) + half + 10 * n_chroma) % n_chroma - half
    bumps = np.exp(-0.5 * (2 * distances / widths) ** 2)
    bumps /= np.linalg.norm(bumps, axis=1, keepdims=True)
    bumps *= np.exp(-0.5 * ((pitches / n_chroma - _CENTRE) / _WIDTH) ** 2)
    # Classes were counted from A, and C lies three semitones above.
    from_c = np.roll(bumps, -3 * (n_chroma // 12), axis=1)
    return np.ascontiguousarray(from_c.T, dtype=np.float32)


def _pitches(sr: float, n_fft: int, n_chroma: int, tuning: float) -> NDArray[np.float64]:
    """Return the pitch of the bins in classes above A0, with that of the next bin if there is one.

    The bin of 0 Hz, whose pitch is infinitely low, is put one and a half octaves below the next.
    """
    frequencies = np.arange(1, min(n_fft, n_fft // 2 + 2)) * (sr / n_fft)
    pitches = n_chroma * np.log2(frequencies / (_A0 * 2 ** (tuning / n_chroma)))
    return np.concatenate([[pitches[0] - 1.5 * n_chroma], pitches])
