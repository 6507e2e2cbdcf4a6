"""Position of the pitch classes in a space of fifths and thirds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skser.analysis._spectral import divided

_TURNS = np.array([7 / 12, 3 / 4, 1 / 3])
"""Turns a semitone around the circles of fifths, minor thirds and major thirds."""

_RADII = np.array([1.0, 1.0, 0.5])


def tonal_centroids(chroma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the tonal centroid of each frame (Harte, Sandler & Gasser 2006).

    Parameters
    ----------
    chroma : ndarray of shape (n_frames, 12)
        Energy of the pitch classes, from C on.

    Returns
    -------
    centroids : ndarray of shape (n_frames, 6)
        x and y on the circles of fifths, minor thirds and major thirds; 0 in a silent frame.
    """
    angles = 2 * np.pi * np.outer(np.arange(12), _TURNS)
    points = np.stack([np.sin(angles), np.cos(angles)], axis=2) * _RADII[:, np.newaxis]
    weights = divided(chroma, chroma.sum(axis=1, keepdims=True))
    return np.asarray(weights @ points.reshape(12, 6).astype(np.float32))
