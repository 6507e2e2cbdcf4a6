"""Auditory spectrum, loudness and MFCC of speech from its power spectrum.

References
----------
.. [1] H. Hermansky, "Perceptual linear predictive (PLP) analysis of speech", JASA 87(4), 1990.
.. [2] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
   Research and Affective Computing", IEEE TAC 7(2), 2016.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from skser.analysis._mel_filters import mel_filters, mel_frequencies

Floats = NDArray[np.float32]

N_BANDS = 26
LOWEST, HIGHEST = 20.0, 8000.0  # Hz
SLOWEST = 50.0
"""Hz; a lower frequency does not complete a period in 20 ms, and looks like an offset."""
COMPRESSION = 0.33
FLOOR = 1e-10
"""Minimum power of a band before taking the logarithm, far below one step of 16 bits."""


def equal_loudness(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute Hermansky's equal-loudness weights of power, whose maximum is about 1.

    ``E(w) = (w^2 + 56.8e6) w^4 / ((w^2 + 6.3e6)^2 (w^2 + 0.38e9)) * 9.58e26 / (w^6 + 9.58e26)``
    with ``w`` in rad/s, which approximates the sensitivity of hearing at about 40 dB; the last
    factor is for spectra that extend beyond 5 kHz [1]_.

    Parameters
    ----------
    frequencies : ndarray
        Frequencies in Hz.

    Returns
    -------
    weights : ndarray of the same shape
    """
    square = (2 * np.pi * frequencies) ** 2
    rising = (square + 56.8e6) * square**2 / ((square + 6.3e6) ** 2 * (square + 0.38e9))
    return rising * 9.58e26 / (square**3 + 9.58e26)


@lru_cache(maxsize=16)
def _speech_bands(sr: float, n_fft: int) -> tuple[Floats, Floats]:
    """Return the triangular bands, shape (n_bins, 26), and their equal-loudness weights."""
    highest = min(HIGHEST, sr / 2)
    bank = mel_filters(sr, n_fft, N_BANDS, LOWEST, highest, htk=True, equal_area=False)
    bank[:, np.arange(bank.shape[1]) * sr / n_fft < SLOWEST] = 0
    edges = mel_frequencies(N_BANDS + 2, LOWEST, highest, htk=True)
    weights = equal_loudness(edges[1:-1])
    return bank.T.astype(np.float32, order="C"), weights.astype(np.float32)


def band_powers(power: Floats, sr: float) -> Floats:
    """Sum the power in 26 triangular bands, equidistant in mel from 20 to 8000 Hz.

    The mel scale is O'Shaughnessy's, ``2595 log10(1 + f / 700)``. Each triangle extends to the
    peaks of its neighbours, and peaks are 1. Bins below 50 Hz are left out, because a frame of
    20 ms cannot distinguish them from an offset. If the sample rate is below 16 kHz, the bands
    end at half of it.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectra.
    sr : float
        Sample rate in Hz.

    Returns
    -------
    bands : ndarray of shape (n_frames, 26)
    """
    bank, _ = _speech_bands(sr, 2 * (power.shape[1] - 1))
    return power @ bank


def auditory_spectrum(bands: Floats, sr: float, n_fft: int) -> Floats:
    """Weight and compress band powers: ``(E(f) * power) ** 0.33`` [1]_.

    Parameters
    ----------
    bands : ndarray of shape (n_frames, 26)
        Band powers from :func:`band_powers`.
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of the transform in samples.

    Returns
    -------
    auditory : ndarray of shape (n_frames, 26)
    """
    _, weights = _speech_bands(sr, n_fft)
    weighted = bands * weights
    return np.power(weighted, np.float32(COMPRESSION), out=weighted)


def loudness(auditory: Floats) -> Floats:
    """Sum the auditory spectrum of each frame, 0 in silence; shape (n_frames,)."""
    return auditory.sum(axis=1)


def mfcc(bands: Floats, n_mfcc: int = 4, lifter: float = 22) -> Floats:
    """Compute mel-frequency cepstral coefficients 1 to `n_mfcc`, without the 0th.

    They are the orthonormal type-II DCT of the natural logarithm of the band powers (at least
    1e-10); coefficient k is multiplied by ``1 + lifter / 2 * sin(pi k / lifter)``.

    Parameters
    ----------
    bands : ndarray of shape (n_frames, n_bands)
        Band powers.
    n_mfcc : int, default=4
        Number of coefficients.
    lifter : float, default=22
        Length of the lifter; 0 disables it.

    Returns
    -------
    coefficients : ndarray of shape (n_frames, n_mfcc)
    """
    logarithm = np.maximum(bands, np.float32(FLOOR))
    np.log(logarithm, out=logarithm)
    return logarithm @ _cepstral_basis(bands.shape[1], n_mfcc, lifter)


@lru_cache(maxsize=16)
def _cepstral_basis(n_bands: int, n_mfcc: int, lifter: float) -> Floats:
    """Return the liftered cosines, shape (n_bands, n_mfcc)."""
    order = np.arange(1, n_mfcc + 1)
    cosines = dct(np.eye(n_bands), axis=1, norm="ortho")[:, order]
    weights = 1 + lifter / 2 * np.sin(np.pi * order / lifter) if lifter else 1.0
    return (cosines * weights).astype(np.float32)
