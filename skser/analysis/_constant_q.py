"""Constant-Q chromagram whose filters are made once, not for every clip."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft
from scipy.sparse import csr_array

from skser.analysis._framing import frames
from skser.analysis._spectral import divided

_N_CHROMA = 12
_N_OCTAVES = 7
_BINS_PER_OCTAVE = 36
_C1 = 440.0 * 2.0 ** (-45 / 12)


def chroma_cqt(
    y: NDArray[np.float32], sr: float, hop_length: int, tuning: float
) -> NDArray[np.float32]:
    """Chromagram from a constant-Q transform, equal to `librosa.feature.chroma_cqt`.

    Seven octaves from C1, 36 bins each. The highest octave is filtered at the full rate; the
    signal is then halved in rate for each octave below, so that one set of filters serves
    them all (Schörkhuber & Klapuri 2010).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    sr : float
        Sample rate in Hz.
    hop_length : int
        Samples from one frame to the next.
    tuning : float
        In fractions of a bin, from `estimate_tuning`.

    Returns
    -------
    chroma : ndarray of shape (n_frames, 12)
        The largest value of a frame that is not silent is 1.

    Raises
    ------
    ValueError
        If the highest octave reaches beyond the Nyquist frequency.
    """
    halvings = _early_halvings(sr, hop_length, tuning)
    y = _downsampled(y, 2**halvings)
    sr, hop_length = sr / 2**halvings, hop_length // 2**halvings
    frequencies = _frequencies(tuning)
    octaves = []
    rate, hop = sr, hop_length
    for octave in reversed(range(_N_OCTAVES)):
        lowest = frequencies[octave * _BINS_PER_OCTAVE]
        filters = _octave_filters(round(lowest / rate, 15))
        # The factor makes up for the shorter signal.
        octaves.append(_response(y, filters, hop) * np.sqrt(sr / rate))
        if hop % 2 == 0:
            y, rate, hop = _downsampled(y, 2), rate / 2, hop // 2
    n_frames = min(len(response) for response in octaves)
    magnitude = np.hstack([response[:n_frames] for response in reversed(octaves)])
    lengths, _ = _filter_lengths(sr, tuning)
    chroma = (magnitude / np.sqrt(lengths)) @ _cq_to_chroma().T
    return divided(chroma, chroma.max(axis=1, keepdims=True)).astype(np.float32)


def _frequencies(tuning: float) -> NDArray[np.float64]:
    bins = np.arange(_N_OCTAVES * _BINS_PER_OCTAVE)
    return _C1 * 2.0 ** ((bins + tuning) / _BINS_PER_OCTAVE)


@lru_cache(maxsize=128)
def _filter_lengths(sr: float, tuning: float) -> tuple[NDArray[np.float32], float]:
    """Return the length of each filter in samples, and the highest frequency they reach."""
    from librosa.filters import wavelet_lengths

    lengths, cutoff = wavelet_lengths(freqs=_frequencies(tuning), sr=sr, gamma=0)
    return lengths.astype(np.float32), float(cutoff)


def _early_halvings(sr: float, hop_length: int, tuning: float) -> int:
    """Return how often the highest octave and the hop allow to halve the rate beforehand."""
    _, cutoff = _filter_lengths(sr, tuning)
    if cutoff > sr / 2:
        raise ValueError(
            f"Tonnetz needs frequencies up to {cutoff:.0f} Hz, above the Nyquist frequency "
            f"sr / 2 = {sr / 2:g} Hz. Use sr=11025 or more, or leave Tonnetz out."
        )
    spare_octaves = max(0, int(np.ceil(np.log2(sr / 2 / cutoff))) - 2)
    factors_of_two = (hop_length & -hop_length).bit_length() - 1
    return min(spare_octaves, max(0, factors_of_two - _N_OCTAVES + 1))


def _downsampled(y: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Lower the rate; the energy stays."""
    import soxr

    if factor == 1:
        return y
    length = math.ceil(len(y) / factor)
    lower = soxr.resample(y, factor, 1, quality="soxr_hq")[:length]
    lower = np.pad(lower, (0, length - len(lower)))
    # Divided, not multiplied by the inverse: very quiet frames tell one rounding from another.
    lower /= np.sqrt(1 / factor)
    return lower


def _response(
    y: NDArray[np.float32], filters: NDArray[np.complex64], hop_length: int
) -> NDArray[np.float32]:
    """Return the magnitude of each filter's response, shape (n_frames, 36)."""
    # Real and imaginary parts are columns of one real matrix. Its product with the samples is
    # quicker than a transform of each frame, and, even in single precision, more exact: what is
    # loud at the ends of a frame, where the filters are small, does not drown its middle.
    columns = filters.view(np.float32)
    blocks = frames(y, len(filters), hop_length)
    return np.concatenate(
        [np.abs((block.copy() @ columns).view(np.complex64)) for _, block in blocks]
    )


# Large, but quick to make: few are kept.
@lru_cache(maxsize=16)
def _octave_filters(lowest: float) -> NDArray[np.complex64]:
    """Return the filters of one octave, shape (n_samples, 36)."""
    spectra, n_fft = _octave_spectra(lowest)
    # In double precision, for the small values at both ends.
    filters = fft(spectra.toarray().astype(np.complex128), n_fft)
    return np.ascontiguousarray(filters.T, dtype=np.complex64)


@lru_cache(maxsize=512)
def _octave_spectra(lowest: float) -> tuple[csr_array, int]:
    """Make the filters of one octave, as spectra; `lowest` is in cycles per sample."""
    from librosa.filters import wavelet
    from librosa.util import sparsify_rows

    frequencies = lowest * 2.0 ** (np.arange(_BINS_PER_OCTAVE) / _BINS_PER_OCTAVE)
    filters, lengths = wavelet(freqs=frequencies, sr=1.0, gamma=0)
    n_fft = filters.shape[1]
    filters *= lengths[:, np.newaxis] / n_fft
    # The transform of a real frame has only these bins.
    basis = fft(filters)[:, : n_fft // 2 + 1]
    return csr_array(sparsify_rows(basis, quantile=0.01, dtype=np.complex64)), n_fft


@lru_cache(maxsize=1)
def _cq_to_chroma() -> NDArray[np.float32]:
    from librosa.filters import cq_to_chroma

    bank: NDArray[np.float32] = cq_to_chroma(
        _N_OCTAVES * _BINS_PER_OCTAVE, bins_per_octave=_BINS_PER_OCTAVE, n_chroma=_N_CHROMA
    )
    return bank
