"""Linear prediction of many frames at once: envelope, Levinson-Durbin recursion, poles.

References
----------
.. [1] J. Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63(4), 1975.
.. [2] H. Hermansky, B. Hanson, H. Wakita, "Perceptually based linear predictive analysis of
   speech", ICASSP 1985 (an all-pole model of an envelope, instead of the harmonics).
.. [3] O. Aberth, "Iteration methods for finding all zeros of a polynomial simultaneously",
   Mathematics of Computation 27, 1973.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

LOWEST_F0 = 40.0  # Hz
_TINY = 1e-30
_STEPS = 20
_FIRST_STEPS = 6
_NEAR_AXIS = 0.05
"""Height over the real axis below which a pole still moving after the first steps is given up."""
_TOLERANCE = 1e-4
"""Length of the last step of the iteration, which converges with the third power."""


def harmonic_envelope(power: Floats, bin_hz: float, f0: Floats, n_bins: int) -> Doubles:
    """Draw a smooth curve through the powers of the harmonics of a voice.

    A spectrum whose harmonics stand apart draws a linear predictor to the harmonic next to a
    formant; an envelope does not. Cubic interpolation (Catmull-Rom) of the logarithm of the power
    over frequency; below the first harmonic, the envelope is level.

    Parameters
    ----------
    power : ndarray of shape (n_frames, >= n_bins)
    bin_hz : float
        Distance of two bins in Hz.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz.
    n_bins : int
        Number of bins of the envelope.

    Returns
    -------
    envelope : ndarray of shape (n_frames, n_bins)
    """
    spacing = (np.maximum(f0, LOWEST_F0) / bin_hz)[:, None].astype(np.float32)
    level = np.log(np.maximum(power, np.float32(_TINY)))
    order = np.arange(1, int(n_bins / spacing.min()) + 4, dtype=np.float32)
    place = np.minimum(order * spacing, np.float32(level.shape[1] - 1.001))
    below = place.astype(np.intp)
    rows = np.arange(len(level), dtype=np.intp)[:, None]
    flat = level.ravel()
    below += rows * level.shape[1]
    harmonics = flat[below]
    part = place - np.floor(place)
    harmonics += part * (flat[below + 1] - harmonics)
    harmonics = np.concatenate([harmonics[:, :1], harmonics[:, :1], harmonics], axis=1)

    where = np.arange(n_bins, dtype=np.float32) / spacing
    left = where.astype(np.intp)
    t = where - np.floor(where)
    left += rows * harmonics.shape[1]
    flat = harmonics.ravel()
    a, b, c, d = (flat[left + shift] for shift in range(4))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.exp(curve).astype(np.float64)


def levinson_durbin(autocorrelation: Doubles) -> tuple[Doubles, Doubles]:
    """Solve the normal equations of linear prediction for many frames [1]_.

    Parameters
    ----------
    autocorrelation : ndarray of shape (..., order + 1)
        Positive definite.

    Returns
    -------
    coefficients : ndarray of shape (..., order + 1)
        Of the prediction error filter, the first is 1.
    error : ndarray of shape (...,)
        Power of the prediction error.
    """
    coefficients = np.zeros_like(autocorrelation)
    coefficients[..., 0] = 1.0
    error = autocorrelation[..., 0].copy()
    for order in range(1, autocorrelation.shape[-1]):
        known = coefficients[..., :order]
        reflection = -np.vecdot(known, autocorrelation[..., order:0:-1]) / error
        mirrored = known[..., ::-1].copy()
        coefficients[..., 1 : order + 1] += reflection[..., None] * mirrored
        error *= 1 - reflection**2
    return coefficients, error


def poles(coefficients: NDArray[np.floating]) -> NDArray[np.complex128]:
    """Find the poles of predictors of even order above the real axis.

    Aberth's iteration [3]_ for pairs of conjugate poles, all frames at once; several times as fast
    as the eigenvalues of companion matrices. A frame leaves the iteration when its poles stand
    still.

    Parameters
    ----------
    coefficients : ndarray of shape (n_frames, order + 1)
        The first is 1; the order is even.

    Returns
    -------
    poles : ndarray of shape (n_frames, order // 2)
        In the order of their angle; NaN for a pair that is not conjugate, but lies on the real
        axis.
    """
    n_pairs = (coefficients.shape[1] - 1) // 2
    angles = np.pi * (np.arange(n_pairs) + 0.5) / n_pairs
    # A pair a row, so that a step of the iteration runs along the frames.
    found = np.repeat(0.9 * np.exp(1j * angles)[:, None], len(coefficients), axis=1)
    step = np.full(found.shape, np.inf)
    active = np.arange(len(coefficients))
    polynomial = coefficients.T.astype(np.float64)
    z = found.copy()
    own = np.eye(n_pairs, dtype=bool)
    for number in range(_STEPS):
        value = z + polynomial[1]
        slope = np.ones_like(z)
        for coefficient in polynomial[2:]:
            slope *= z
            slope += value
            value *= z
            value += coefficient
        # 1 / (z - other) + 1 / (z - conjugate of other), and the own conjugate.
        both = 2 * (z[:, None] - z.real)
        product = (z[:, None] - z) * (z[:, None] - z.conj())
        both[own], product[own] = 1, 2j * z.imag
        repulsion = (both / product).sum(axis=1)
        change = value / (slope - value * repulsion)
        z = z - change
        # A point on the axis would be its own conjugate, and a point below it another's.
        z.imag = np.maximum(np.abs(z.imag), 1e-9)
        found[:, active] = z
        step[:, active] = np.abs(change)
        unsettled = np.abs(change) > _TOLERANCE
        if number >= _FIRST_STEPS:
            # A pair on the axis is no conjugate pair, and would never stand still.
            unsettled &= z.imag > _NEAR_AXIS
        moving = unsettled.any(axis=0)
        if not moving.any():
            break
        active, z, polynomial = active[moving], z[:, moving], polynomial[:, moving]
    found[(step > _TOLERANCE) | (found.imag < 1e-6)] = np.nan
    return _by_angle(found)


def _by_angle(found: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Sort the poles of each frame (a column) by angle; NaN goes last."""
    order = np.argsort(np.angle(found), axis=0)
    return np.take_along_axis(found, order, axis=0).T
