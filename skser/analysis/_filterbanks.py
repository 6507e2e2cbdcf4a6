"""Filter banks, computed once per set of parameters and cached."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from skser.analysis._chroma_filters import chroma_filters
from skser.analysis._mel_filters import mel_filters

_KEPT = 128
"""Number of cached banks of each kind; chroma has one per tuning step of 0.01 semitones."""

_BANDS_A_BLOCK = 16

Block = tuple[slice, slice, NDArray[np.float32]]
"""Slice of bands, slice of bins, and weights of shape (n_bins, n_bands)."""


@lru_cache(maxsize=_KEPT)
def mel_filterbank(
    sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> list[Block]:
    """Return Slaney's mel filters in blocks of neighbouring bands, without the bins not needed.

    Five times as fast as the whole matrix, nine tenths of which are zero; the speed of a general
    sparse matrix lies in between.
    """
    nyquist = sr / 2
    highest = nyquist if fmax is None else fmax
    if highest > nyquist:
        raise ValueError(
            f"fmax={fmax!r} Hz lies above the Nyquist frequency sr / 2 = {nyquist:g} Hz. Lower "
            "fmax, or raise sr."
        )
    if fmin >= highest:
        raise ValueError(
            f"fmin={fmin!r} Hz must lie below fmax={highest:g} Hz. Lower fmin, or raise fmax."
        )
    bank = mel_filters(sr, n_fft, n_mels, fmin, highest)
    blocks = []
    for first in range(0, n_mels, _BANDS_A_BLOCK):
        filters = bank[first : first + _BANDS_A_BLOCK]
        used = np.flatnonzero(filters.any(axis=0))
        bins = slice(used[0], used[-1] + 1) if len(used) else slice(0)
        blocks.append((slice(first, first + len(filters)), bins, filters[:, bins].T.copy()))
    return blocks


@lru_cache(maxsize=_KEPT)
def chroma_filterbank(sr: float, n_fft: int, n_chroma: int, tuning: float) -> NDArray[np.float32]:
    """Return pitch-class filters of shape (n_chroma, 1 + n_fft // 2)."""
    return chroma_filters(sr, n_fft, n_chroma, tuning)


@lru_cache(maxsize=_KEPT)
def cosine_basis(n_bands: int, n_coefficients: int) -> NDArray[np.float64]:
    """Return the first columns of the orthonormal DCT-II, shape (n_bands, n_coefficients).

    A product with the few columns that are needed is faster than a whole transform.
    """
    from scipy.fft import dct

    basis: NDArray[np.float64] = dct(np.eye(n_bands), type=2, norm="ortho", axis=1)
    return np.ascontiguousarray(basis[:, :n_coefficients])


@lru_cache(maxsize=_KEPT)
def window_samples(window: str | tuple[object, ...], n_fft: int) -> NDArray[np.float64]:
    """Return a periodic window of shape (n_fft,)."""
    from scipy.signal import get_window

    samples: NDArray[np.float64] = get_window(window, n_fft, fftbins=True)
    return samples
