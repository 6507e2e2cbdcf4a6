"""Constant-Q chromagram whose filters are computed once, not for every clip."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft
from scipy.sparse import csr_array

from skser.analysis._constant_q_filters import (
    BINS_PER_OCTAVE,
    Q,
    highest_passed,
    pitch_classes,
    wavelets,
    without_smallest,
)
from skser.analysis._framing import frames, n_frames
from skser.analysis._spectral import divided

_N_OCTAVES = 7
_C1 = 440.0 * 2.0 ** (-45 / 12)

_LONG, _OVERLAP = 2048, 16
"""Minimum number of samples and of overlaps from which frames share their transforms."""

_FRAMES_AT_ONCE = 512
_VALUES_AT_ONCE = 2**17
"""Number of spectral values that are held at once, so that they stay in a core's cache."""


def chroma_cqt(
    y: NDArray[np.float32], sr: float, hop_length: int, tuning: float
) -> NDArray[np.float32]:
    """Compute the constant-Q chromagram, equal to `librosa.feature.chroma_cqt`.

    The transform has seven octaves from C1, with 36 bins each. The highest octave is filtered at
    the full rate; the sample rate is then halved for each octave below, so that one set of
    filters serves them all (Schörkhuber & Klapuri 2010).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    sr : float
        Sample rate in Hz.
    hop_length : int
        Number of samples from one frame to the next.
    tuning : float
        Tuning in fractions of a bin, from `estimate_tuning`.

    Returns
    -------
    chroma : ndarray of shape (n_frames, 12)
        Chromagram; the largest value of each frame that is not silent is 1.

    Raises
    ------
    ValueError
        If the highest octave extends beyond the Nyquist frequency.
    """
    halvings = _early_halvings(sr, hop_length, tuning)
    y = _downsampled(y, 2**halvings)
    sr, hop_length = sr / 2**halvings, hop_length // 2**halvings
    frequencies = _frequencies(tuning)
    octaves = []
    rate, hop = sr, hop_length
    for octave in reversed(range(_N_OCTAVES)):
        lowest = frequencies[octave * BINS_PER_OCTAVE]
        # The factor compensates for the shorter signal.
        octaves.append(_response(y, round(lowest / rate, 15), hop) * np.sqrt(sr / rate))
        if hop % 2 == 0:
            y, rate, hop = _downsampled(y, 2), rate / 2, hop // 2
    count = min(len(response) for response in octaves)
    magnitude = np.hstack([response[:count] for response in reversed(octaves)])
    lengths, _ = _filter_lengths(sr, tuning)
    chroma = (magnitude / np.sqrt(lengths)) @ pitch_classes(magnitude.shape[1]).T
    return divided(chroma, chroma.max(axis=1, keepdims=True)).astype(np.float32)


def _frequencies(tuning: float) -> NDArray[np.float64]:
    bins = np.arange(_N_OCTAVES * BINS_PER_OCTAVE)
    return _C1 * 2.0 ** ((bins + tuning) / BINS_PER_OCTAVE)


@lru_cache(maxsize=128)
def _filter_lengths(sr: float, tuning: float) -> tuple[NDArray[np.float32], float]:
    """Return the length of each filter in samples, and the highest frequency that they pass."""
    frequencies = _frequencies(tuning)
    return (Q * sr / frequencies).astype(np.float32), highest_passed(frequencies[-1])


def _early_halvings(sr: float, hop_length: int, tuning: float) -> int:
    """Return how often the rate can be halved beforehand, given the highest octave and the hop."""
    _, cutoff = _filter_lengths(sr, tuning)
    if cutoff > sr / 2:
        raise ValueError(
            f"Tonnetz needs frequencies up to {cutoff:.0f} Hz, above the Nyquist frequency "
            f"sr / 2 = {sr / 2:g} Hz. Use sr=11025 or higher, or leave Tonnetz out."
        )
    spare_octaves = max(0, int(np.ceil(np.log2(sr / 2 / cutoff))) - 2)
    factors_of_two = (hop_length & -hop_length).bit_length() - 1
    return min(spare_octaves, max(0, factors_of_two - _N_OCTAVES + 1))


def _downsampled(y: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Lower the sample rate, preserving the energy."""
    import soxr

    if factor == 1:
        return y
    length = math.ceil(len(y) / factor)
    lower = soxr.resample(y, factor, 1, quality="soxr_hq")[:length]
    lower = np.pad(lower, (0, length - len(lower)))
    # Divide rather than multiply by the inverse: in very quiet frames, the rounding matters.
    lower /= np.sqrt(1 / factor)
    return lower


def _response(y: NDArray[np.float32], lowest: float, hop_length: int) -> NDArray[np.float32]:
    """Return the magnitude of each filter's response, shape (n_frames, 36).

    `lowest` is the lowest filter's frequency in cycles per sample.
    """
    spectra, n_fft = _octave_spectra(lowest)
    if n_fft >= max(_LONG, _OVERLAP * hop_length):
        return _response_of_bins(y, spectra, n_fft, hop_length)
    return _response_of_frames(y, _octave_filters(lowest), hop_length)


def _response_of_frames(
    y: NDArray[np.float32], filters: NDArray[np.complex64], hop_length: int
) -> NDArray[np.float32]:
    """Multiply every frame with every filter."""
    # Real and imaginary parts are columns of one real matrix. Its product with the samples is
    # faster than a transform of each frame, and more accurate even in single precision: loud
    # samples at the ends of a frame, where the filters are small, do not swamp the middle.
    columns = filters.view(np.float32)
    blocks = frames(y, len(filters), hop_length)
    return np.concatenate(
        [np.abs((block.copy() @ columns).view(np.complex64)) for _, block in blocks]
    )


def _response_of_bins(
    y: NDArray[np.float32], spectra: csr_array, n_fft: int, hop_length: int
) -> NDArray[np.float32]:
    """Transform every frame at the few bins that the filters have, from parts that frames share.

    The clip is cut into blocks of one hop. Each is transformed once, at about 111 bins, and the
    bins of a frame are sums of those of its blocks: the cost of a frame grows with the hop, and
    hardly with the length of the frame.
    """
    bins = np.unique(spectra.indices)
    weights = spectra[:, bins].toarray().T.astype(np.complex128)
    n_whole, rest = divmod(n_fft, hop_length)
    count = n_frames(len(y), n_fft, hop_length)
    response = np.empty((count, BINS_PER_OCTAVE), dtype=np.float32)
    step = max(n_whole, _FRAMES_AT_ONCE)
    for start in range(0, count, step):
        stop = min(start + step, count)
        blocks = _blocks(y, n_fft // 2, hop_length, start, stop + n_whole)
        group = max(1, _VALUES_AT_ONCE // len(blocks))
        total = np.zeros((stop - start, BINS_PER_OCTAVE), dtype=np.complex128)
        for first in range(0, len(bins), group):
            part = slice(first, first + group)
            turns = bins[part] / n_fft
            total += _sliding_transform(blocks, turns, n_whole, rest) @ weights[part]
        response[start:stop] = np.abs(total)
    return response


def _blocks(
    y: NDArray[np.float32], padding: int, length: int, start: int, stop: int
) -> NDArray[np.float64]:
    """Cut blocks number start to stop out of a clip with zeros before and behind it.

    Returns
    -------
    blocks : ndarray of shape (stop - start, length)
    """
    blocks = np.zeros((stop - start, length))
    offset = padding - start * length
    first, last = max(0, -offset), min(len(y), blocks.size - offset)
    blocks.ravel()[first + offset : last + offset] = y[first:last]
    return blocks


def _sliding_transform(
    blocks: NDArray[np.float64], turns: NDArray[np.float64], n_whole: int, rest: int
) -> NDArray[np.complex128]:
    r"""Fourier transform of overlapping frames at chosen frequencies.

    Frame t is blocks t to t + n_whole - 1 and the first `rest` samples of the block behind them.
    Sums over 1, 2, 4, ... blocks are made of each other. A running sum would be quicker, but its
    differences lose what is soft after what is loud, and leave noise where there is silence.

    Parameters
    ----------
    blocks : ndarray of shape (n_frames + n_whole, length)
    turns : ndarray of shape (n_bins,)
        Frequencies in cycles per sample.
    n_whole, rest : int

    Returns
    -------
    spectra : ndarray of shape (n_frames, n_bins)
    """
    length, n_out = blocks.shape[1], len(blocks) - n_whole
    waves = np.exp(-2j * np.pi * np.outer(np.arange(length), turns)).view(np.float64)
    head = (blocks[:, :rest] @ waves[:rest]).view(np.complex128)
    sums = head + (blocks[:, rest:] @ waves[rest:]).view(np.complex128)
    spectra = _rotate(head[n_whole:], n_whole * length * turns)
    width, position = 1, 0
    while True:
        if n_whole & width:
            spectra += _rotate(sums[position : position + n_out], position * length * turns)
            position += width
        if 2 * width > n_whole:
            return spectra
        sums = sums[:-width] + _rotate(sums[width:], width * length * turns)
        width *= 2


def _rotate(spectra: NDArray[np.complex128], turns: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Rotate the phase of each bin by a number of turns."""
    return spectra * np.exp(-2j * np.pi * (turns % 1))


# Few are kept, because they are large but fast to compute.
@lru_cache(maxsize=16)
def _octave_filters(lowest: float) -> NDArray[np.complex64]:
    """Return the filters of one octave, shape (n_samples, 36)."""
    spectra, n_fft = _octave_spectra(lowest)
    # Double precision preserves the small values at both ends.
    filters = fft(spectra.toarray().astype(np.complex128), n_fft)
    return np.ascontiguousarray(filters.T, dtype=np.complex64)


@lru_cache(maxsize=512)
def _octave_spectra(lowest: float) -> tuple[csr_array, int]:
    """Compute the spectra of the filters of one octave; `lowest` is in cycles per sample."""
    frequencies = lowest * 2.0 ** (np.arange(BINS_PER_OCTAVE) / BINS_PER_OCTAVE)
    filters, lengths = wavelets(frequencies)
    n_fft = filters.shape[1]
    filters *= lengths[:, np.newaxis] / n_fft
    # The transform of a real frame has only these bins.
    basis = fft(filters)[:, : n_fft // 2 + 1]
    return csr_array(without_smallest(basis, 0.01)), n_fft
