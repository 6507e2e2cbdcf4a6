"""Constant-Q chromagram whose filters are made once, not for every clip."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skser.analysis._framing import spectra

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
    chroma : ndarray of shape (12, n_frames)
        The largest value of a frame that is not silent is 1.

    Raises
    ------
    ValueError
        If the highest octave reaches beyond the Nyquist frequency.
    """
    from librosa.filters import wavelet_lengths
    from librosa.util import normalize

    frequencies = _C1 * 2.0 ** (
        (np.arange(_N_OCTAVES * _BINS_PER_OCTAVE) + tuning) / _BINS_PER_OCTAVE
    )
    y, sr, hop_length = _downsampled_early(y, sr, hop_length, frequencies)
    octaves = []
    rate, hop = sr, hop_length
    for octave in reversed(range(_N_OCTAVES)):
        lowest = frequencies[octave * _BINS_PER_OCTAVE]
        basis = _octave_basis(round(lowest / rate, 15))
        # Shape (n_frames, 36); the factor makes up for the shorter signal.
        octaves.append(_response(y, basis, hop) * np.sqrt(sr / rate))
        if hop % 2 == 0:
            y, rate, hop = _downsampled(y, 2), rate / 2, hop // 2
    n_frames = min(len(response) for response in octaves)
    magnitude = np.hstack([response[:n_frames] for response in reversed(octaves)])
    magnitude /= np.sqrt(wavelet_lengths(freqs=frequencies, sr=sr, gamma=0)[0])
    chroma: NDArray[np.float32] = normalize(_cq_to_chroma() @ magnitude.T, norm=np.inf, axis=0)
    return chroma


def _downsampled_early(
    y: NDArray[np.float32], sr: float, hop_length: int, frequencies: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float, int]:
    """Halve the rate as often as the highest octave and the hop allow."""
    from librosa.filters import wavelet_lengths

    _, cutoff = wavelet_lengths(freqs=frequencies, sr=sr, gamma=0)
    if cutoff > sr / 2:
        raise ValueError(
            f"Tonnetz needs frequencies up to {cutoff:.0f} Hz, above the Nyquist frequency "
            f"sr / 2 = {sr / 2:g} Hz. Use sr=11025 or more, or leave Tonnetz out."
        )
    spare_octaves = max(0, int(np.ceil(np.log2(sr / 2 / cutoff))) - 2)
    factors_of_two = (hop_length & -hop_length).bit_length() - 1
    halvings = min(spare_octaves, max(0, factors_of_two - _N_OCTAVES + 1))
    return _downsampled(y, 2**halvings), sr / 2**halvings, hop_length // 2**halvings


def _downsampled(y: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    import librosa

    lower: NDArray[np.float32] = librosa.resample(
        y, orig_sr=factor, target_sr=1, res_type="soxr_hq", scale=True
    )
    return lower


def _response(y: NDArray[np.float32], basis: csr_array, hop_length: int) -> NDArray[np.float32]:
    """Return the magnitude of each filter's response, shape (n_frames, n_filters)."""
    n_fft = 2 * (basis.shape[1] - 1)
    blocks = [np.abs(basis @ block.T).T for _, block in spectra(y, n_fft, hop_length)]
    return np.concatenate(blocks)


@lru_cache(maxsize=512)
def _octave_basis(lowest: float) -> csr_array:
    """Make the filters of one octave, as spectra; `lowest` is in cycles per sample."""
    from librosa.filters import wavelet
    from librosa.util import sparsify_rows

    frequencies = lowest * 2.0 ** (np.arange(_BINS_PER_OCTAVE) / _BINS_PER_OCTAVE)
    filters, lengths = wavelet(freqs=frequencies, sr=1.0, gamma=0)
    n_fft = filters.shape[1]
    filters *= lengths[:, np.newaxis] / n_fft
    basis = np.fft.fft(filters, axis=1)[:, : n_fft // 2 + 1]
    return csr_array(sparsify_rows(basis, quantile=0.01, dtype=np.complex64))


@lru_cache(maxsize=1)
def _cq_to_chroma() -> NDArray[np.float32]:
    from librosa.filters import cq_to_chroma

    bank: NDArray[np.float32] = cq_to_chroma(
        _N_OCTAVES * _BINS_PER_OCTAVE, bins_per_octave=_BINS_PER_OCTAVE, n_chroma=_N_CHROMA
    )
    return bank
