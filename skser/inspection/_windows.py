"""Cut a clip into time windows and frequency bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio
from skser.compose._segment_classifier import TOLERANCE, cut_times
from skser.exceptions import AudioError


def windows_of(sound: Audio, window: float, hop: float | None, clip: str) -> NDArray[np.float64]:
    """Return start and end of the windows of a sound in seconds, shape (n_times, 2).

    Parameters
    ----------
    sound : Audio
        Sound to cut.
    window : float
        Length of a window in seconds.
    hop : float or None
        Seconds between the starts of windows. If None, half of `window`.
    clip : str
        Name of the clip, for messages.
    """
    duration = len(sound.y) / sound.sr
    if duration < window - TOLERANCE:
        raise AudioError(
            f"{clip}: the clip lasts {duration:.3g} s, less than window={window!r} s. Pass a "
            "shorter window, or a longer clip."
        )
    return cut_times(duration, window, window / 2 if hop is None else hop)


def inside(
    places: NDArray[np.floating], ranges: NDArray[np.float64], message: str
) -> NDArray[np.bool_]:
    """Mask the points that lie in each range; the first and the last range are open-ended.

    Parameters
    ----------
    places : ndarray of shape (n_places,)
        Points in ascending order, such as the times of frames.
    ranges : ndarray of shape (n_ranges, 2)
        Ranges in ascending order, such as windows.
    message : str
        Message of the error for an empty range.

    Returns
    -------
    inside : ndarray of shape (n_ranges, n_places)
        Mask of the points in each range.

    Raises
    ------
    ValueError
        If a range contains no point.
    """
    # Multiples of the hop have rounding errors.
    low, high = ranges.T[..., np.newaxis] - 1e-9
    found = (places >= low) & (places < high)
    found[-1] |= places >= low[-1]
    found[0] |= places < high[0]
    if not found.any(axis=1).all():
        raise ValueError(message)
    return found
