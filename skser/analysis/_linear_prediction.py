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

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_LEAST_SPACING = 40.0  # Hz
_TINY = 1e-30
_STEPS = 20
_FEW = 8
"""Number of frames whose eigenvalues take less time than further steps of the iteration."""
_TOLERANCE = 1e-4
"""Length of Newton's step at which another step of the iteration, which is cubic, suffices."""
_HEIGHT = 1e-6
"""Distance from the real axis below which a pole counts as on it."""
_POINTS = 60
"""Number of points on the real axis at which a polynomial is evaluated."""


def harmonic_envelope(power: Floats, bin_hz: float, f0: Floats, n_bins: int) -> Doubles:
    """Interpolate a smooth curve through the powers of the harmonics of a voice.

    A spectrum with distinct harmonics pulls a linear predictor towards the harmonic next to a
    formant; an envelope does not. The logarithm of the power is interpolated over frequency by
    cubic (Catmull-Rom) splines; below the first harmonic, the envelope is flat.

    Parameters
    ----------
    power : ndarray of shape (n_frames, >= n_bins)
        Power spectra.
    bin_hz : float
        Distance between two bins in Hz.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz.
    n_bins : int
        Number of bins of the envelope.

    Returns
    -------
    envelope : ndarray of shape (n_frames, n_bins)
    """
    spacing = (np.maximum(f0, _LEAST_SPACING) / bin_hz)[:, None].astype(np.float32)
    level = np.log(np.maximum(power, np.float32(_TINY)))
    order = np.arange(1, int(n_bins / spacing.min()) + 4, dtype=np.float32)
    place = np.minimum(order * spacing, np.float32(level.shape[1] - 1.001))
    below = place.astype(np.intp)
    rows = np.arange(len(level), dtype=np.intp)[:, None]
    flat = level.ravel()
    below += rows * level.shape[1]
    harmonics = flat.take(below)
    part = place - np.floor(place)
    harmonics += part * (flat.take(below + 1) - harmonics)
    harmonics = np.concatenate([harmonics[:, :1], harmonics[:, :1], harmonics], axis=1)
    a, b, c, d = (harmonics[:, shift : harmonics.shape[1] - 3 + shift] for shift in range(4))
    cubic = (3 * (b - c) + d - a) / 2, a - 2.5 * b + 2 * c - d / 2, (c - a) / 2, b

    where = np.arange(n_bins, dtype=np.float32) / spacing
    left = where.astype(np.intp)
    t = where - np.floor(where)
    left += rows * a.shape[1]
    curve, *others = (coefficient.ravel().take(left) for coefficient in cubic)
    for coefficient in others:
        curve *= t
        curve += coefficient
    return np.exp(curve).astype(np.float64)


def levinson_durbin(autocorrelation: Doubles) -> tuple[Doubles, Doubles]:
    """Solve the normal equations of linear prediction for many frames [1]_.

    Parameters
    ----------
    autocorrelation : ndarray of shape (..., order + 1)
        Positive definite autocorrelations.

    Returns
    -------
    coefficients : ndarray of shape (..., order + 1)
        Coefficients of the prediction error filter; the first is 1.
    error : ndarray of shape (...,)
        Power of the prediction error.
    """
    # The frames come last, so that each step is vectorised over them.
    r = np.ascontiguousarray(np.moveaxis(autocorrelation, -1, 0))
    coefficients = np.zeros_like(r)
    coefficients[0] = 1.0
    error = r[0].copy()
    for order in range(1, len(r)):
        known = coefficients[:order]
        reflection = np.einsum("k...,k...->...", known, r[order:0:-1]) / -error
        coefficients[1 : order + 1] += reflection * known[::-1]
        error *= 1 - reflection**2
    return np.moveaxis(coefficients, 0, -1), error


def poles(coefficients: NDArray[np.floating]) -> NDArray[np.complex128]:
    """Find the poles of predictors of even order above the real axis.

    Aberth's iteration [3]_ finds pairs of conjugate poles for all frames at once. A pair on the
    real axis does not converge, and the iteration does not wait for it. Frames in which other
    pairs do not converge, or converge last, get the eigenvalues of companion matrices.

    Parameters
    ----------
    coefficients : ndarray of shape (n_frames, order + 1)
        Coefficients of even order; the first is 1. Poles must lie within the unit circle.

    Returns
    -------
    poles : ndarray of shape (n_frames, order // 2)
        Poles, ordered by angle; NaN for a pair that is not conjugate, but lies on the real axis.
    """
    polynomial = coefficients.astype(np.float64)
    n_pairs = polynomial.shape[1] // 2
    # A polynomial is positive at both ends of the axis, and changes its sign at each pole on it.
    positive = polynomial @ _powers(polynomial.shape[1]) > 0
    n_real = (positive[:, 1:] != positive[:, :-1]).sum(axis=1) // 2
    found = _conjugate_pairs(polynomial, n_real)
    missed = (~np.isnan(found)).sum(axis=1) != n_pairs - n_real
    if missed.any():
        found[missed] = _eigenvalues(polynomial[missed])
    order = np.argsort(np.angle(found), axis=1)
    return found[np.arange(len(found))[:, None], order]


@lru_cache
def _powers(n_coefficients: int) -> Doubles:
    """Return the powers of points on the real axis, the highest first."""
    points = np.cos(np.pi * np.arange(_POINTS + 1) / _POINTS)
    return points ** np.arange(n_coefficients - 1, -1, -1)[:, None]


def _eigenvalues(polynomial: Doubles) -> NDArray[np.complex128]:
    order = polynomial.shape[1] - 1
    companion = np.zeros((len(polynomial), order, order))
    companion[:, 0] = -polynomial[:, 1:]
    companion[:, np.arange(1, order), np.arange(order - 1)] = 1
    found = np.asarray(np.linalg.eigvals(companion), dtype=np.complex128)
    found[found.imag < _HEIGHT] = np.nan
    # NaN is sorted last, and there are as many poles above the axis as below it.
    return np.sort(found, axis=1)[:, : order // 2]


def _value_and_slope(
    polynomial: Doubles, z: NDArray[np.complex128]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Evaluate polynomials (order + 1, n_frames) and their derivatives at (n_pairs, n_frames)."""
    value = z + polynomial[1]
    slope = np.ones_like(z)
    for coefficient in polynomial[2:]:
        slope *= z
        slope += value
        value *= z
        value += coefficient
    return value, slope


def _conjugate_pairs(polynomial: Doubles, n_real: NDArray[np.intp]) -> NDArray[np.complex128]:
    """Find the poles off the real axis, on which `n_real` pairs lie; those are NaN.

    Poles that are not found are NaN, too.
    """
    n_pairs = polynomial.shape[1] // 2
    angles = np.pi * (np.arange(n_pairs) + 0.5) / n_pairs
    found = np.full((n_pairs, len(polynomial)), np.nan, dtype=np.complex128)
    # One pair per row, so that each step of the iteration is vectorised over the frames.
    z = np.repeat(0.9 * np.exp(1j * angles)[:, None], len(polynomial), axis=1)
    active = np.arange(len(polynomial))
    polynomial = polynomial.T
    own = np.arange(n_pairs)
    for _ in range(_STEPS):
        if len(active) <= _FEW:
            break
        value, slope = _value_and_slope(polynomial, z)
        converged = np.abs(value) <= _TOLERANCE * np.abs(slope)
        # 1 / (z - other) + 1 / (z - conjugate of other), and the own conjugate.
        apart = z[:, None] - z.real
        product = apart * apart
        product += z.imag**2
        apart[own, own], product[own, own] = 0.5, 2j * z.imag
        repulsion = 2 * (apart / product).sum(axis=1)
        z = z - value / (slope - value * repulsion)
        # A point on the axis would be its own conjugate, and a point below it another's.
        z.imag = np.maximum(np.abs(z.imag), 1e-9)
        moving = converged.sum(axis=0) < n_pairs - n_real
        settled = ~moving
        if settled.any():
            kept = converged[:, settled] & (z.imag[:, settled] > _HEIGHT)
            found[:, active[settled]] = np.where(kept, z[:, settled], np.nan)
            active, z, polynomial = active[moving], z[:, moving], polynomial[:, moving]
            n_real = n_real[moving]
    return found.T
