"""Fundamental frequency and voicing of speech.

References
----------
.. [1] D. J. Hermes, "Measurement of pitch by subharmonic summation", JASA 83(1), 1988.
.. [2] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
   harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from skser.analysis._long_spectra import (
    HIGHEST_F0,
    LOWEST_F0,
    LongSpectra,
    autocorrelation,
    long_window,
)

Floats = NDArray[np.float32]

_HARMONICS, _DECAY = 15, 0.85
_STEPS_PER_OCTAVE = 48
_HIGHEST_HARMONIC = 1250.0
"""Highest harmonic in Hz that is summed, as in Hermes (1988)."""
_VALLEY = 0.5
"""Weight of the spectrum halfway between two harmonics, which counts against a candidate."""
_RUMBLE = 40.0, 70.0
_TREBLE = 1000.0, 3000.0
"""Bands in Hz over which the power for the autocorrelation is faded in and out."""
_RUMBLE_LEAK = 10 ** (-25 / 10)
"""Fraction of the power below the band that leaks into it through the window."""
_LAG_RATE = 8000.0
_CANDIDATES = 4
_WEAKEST = 0.1
"""Periodicity below which a maximum is not a candidate."""
_SUM_WEIGHT = 0.4
_OCTAVE_COST = 0.01
_UNVOICED = 0.45
_JUMP_COST = 0.5
"""Cost per octave between neighbouring frames."""
_VOICING_COST = 0.14
_FLOOR = 10 ** (-25 / 10)
"""Power of the noise that is assumed in every frame, relative to the loud frames of the clip."""
_QUIETEST = 1e-14
"""Power of the noise that is assumed in a silent clip, as a mean square."""
_IMPOSSIBLE = -1e6


class Pitch(NamedTuple):
    """Pitch of each frame.

    Attributes
    ----------
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz, 55 to 1000; NaN in unvoiced frames.
    voicing : ndarray of shape (n_frames,)
        Strength of the voice in every frame, 0 to 1: the fraction of the power that repeats after
        a period, reduced if the frame is far softer than the clip. It is not a probability in the
        strict sense; frames above 0.45 are voiced unless their neighbours indicate otherwise.
    """

    f0: Floats
    voicing: Floats


def track_pitch(frames: LongSpectra) -> Pitch:
    """Track the fundamental frequency of a voice.

    Candidates are the maxima of the autocorrelation of a frame divided by that of its window
    (Boersma, 1993). The score of each is its height plus the subharmonic sum at its frequency
    (Hermes, 1988): 15 harmonics of the magnitude spectrum up to 1250 Hz, interpolated by cubic
    splines on a logarithmic axis, the n-th weighted by ``0.85 ** (n - 1)``, minus the spectrum
    halfway between them. The two methods make errors in different octaves. Viterbi's algorithm
    finds the path through candidates and silence with the highest score after subtracting the
    costs of jumps and of changes of voicing.

    Whether a frame is voiced depends on its level relative to the loud frames of the clip: voices
    25 dB softer than these are rejected, together with rumble and room noise. Silence, DC, noise,
    whisper, hum below 40 Hz and single clicks are unvoiced; mains hum of 60 Hz counts as voiced.

    Parameters
    ----------
    frames : LongSpectra
        Spectra of the clip.

    Returns
    -------
    Pitch
    """
    parts = [_candidates(power, frames) for _, power in frames]
    f0, periodicity, summed, level = (np.concatenate(part) for part in zip(*parts, strict=True))
    loudness = np.vdot(level, level) / (level.sum() + _QUIETEST)
    strength = periodicity * (level / (level + _FLOOR * loudness + _QUIETEST))[:, None]
    octaves = np.log2(f0 / LOWEST_F0)
    score = strength + _SUM_WEIGHT * (summed - 1) + _OCTAVE_COST * octaves
    score[periodicity == 0] = _IMPOSSIBLE
    state = _best_path(octaves, score)
    voiced = state < _CANDIDATES
    best = np.where(voiced, state, score.argmax(axis=1))[:, None]
    track = np.where(voiced, np.take_along_axis(f0, best, axis=1)[:, 0], np.float32(np.nan))
    return Pitch(track, np.take_along_axis(strength, best, axis=1)[:, 0])


def _candidates(spectrum: Floats, frames: LongSpectra) -> tuple[Floats, Floats, Floats, Floats]:
    """Return F0, periodicity, relative subharmonic sum (n, _CANDIDATES) and the level (n,)."""
    shape = _band(frames.sr, frames.n_fft)
    bins = len(shape.weights)
    power = spectrum[:, :bins]
    correlation = autocorrelation(power * shape.weights)[:, : len(shape.window)]
    # Rumble leaks into the band, where it would appear periodic.
    rumble = power[:, : shape.rumble].sum(axis=1) * (_RUMBLE_LEAK / (bins - 1))
    energy = correlation[:, 0] + rumble + np.float32(1e-30)
    r = correlation / (energy[:, None] * shape.window)

    sums = np.sqrt(power[:, : len(shape.summation)]) @ shape.summation
    largest = np.maximum(sums.max(axis=1), 1e-30)

    first = shape.first
    middle = r[:, first:-1]
    peak = (middle > r[:, first - 1 : -2]) & (middle >= r[:, first + 1 :]) & (middle > _WEAKEST)
    row, lag = np.divmod(np.flatnonzero(peak), middle.shape[1])
    lag += first
    at, values = row * r.shape[1] + lag, r.ravel()
    left, middle, right = values[at - 1], values[at], values[at + 1]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    height = np.minimum(middle - 0.25 * (left - right) * shift, 1)
    f0 = shape.rate / (lag + shift)
    octaves = np.log2(f0 / LOWEST_F0)
    step = np.clip(np.rint(octaves * _STEPS_PER_OCTAVE).astype(int), 0, sums.shape[1] - 1)
    summed = sums.ravel()[row * sums.shape[1] + step] / largest[row]
    rank = height + _SUM_WEIGHT * summed + _OCTAVE_COST * octaves

    # Keep the best of each frame: sort by frame, then by falling rank, which is below 2.
    order = np.argsort(4.0 * row - rank)
    counts = np.bincount(row, minlength=len(power))
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = place < _CANDIDATES
    order, cell = order[kept], (row[kept], place[kept])
    out = np.zeros((3, len(power), _CANDIDATES), dtype=np.float32)
    out[0] = LOWEST_F0
    for result, each in zip(out, (f0, height, summed), strict=True):
        result[cell] = each[order]
    return out[0], out[1], out[2], correlation[:, 0] * shape.to_power


class _Band(NamedTuple):
    """Constants for finding the candidates of every frame, for one sample rate."""

    weights: Floats
    """Weight of the power of each bin of the band."""
    window: Floats
    """Autocorrelation of the window, which is 1 at zero delay; the longest delay comes last."""
    summation: Floats
    """Matrix from magnitudes of bins to subharmonic sums at logarithmic steps of F0."""
    first: int
    """Shortest delay."""
    rumble: int
    """Number of bins below the band."""
    rate: float
    """Delays per second."""
    to_power: float
    """Factor from an autocorrelation at zero delay to a mean square."""


@lru_cache
def _band(sr: float, n_fft: int) -> _Band:
    frequencies = np.arange(1 + n_fft // 2) * sr / n_fft
    bins = min(len(frequencies), 1 + math.ceil(_LAG_RATE / 2 * n_fft / sr))
    frequencies = frequencies[:bins]
    rate = 2 * (bins - 1) * sr / n_fft
    low = np.clip((frequencies - _RUMBLE[0]) / (_RUMBLE[1] - _RUMBLE[0]), 0, 1)
    high = np.clip((_TREBLE[1] - frequencies) / (_TREBLE[1] - _TREBLE[0]), 0, 1)
    weights = np.sin(np.pi / 2 * low) ** 2 * np.sin(np.pi / 2 * high) ** 2
    window = long_window(sr).astype(np.float64)
    n_lags = math.ceil(rate / LOWEST_F0) + 1
    spectrum = np.abs(np.fft.rfft(window)) ** 2
    own = np.fft.irfft(spectrum[:bins], n=2 * (bins - 1))[: n_lags + 1]
    to_power = 2 * (bins - 1) * 2 / n_fft / np.sum(window**2)
    return _Band(
        weights.astype(np.float32),
        (own / own[0]).astype(np.float32),
        _summation(sr, n_fft),
        math.floor(rate / HIGHEST_F0),
        int(np.searchsorted(frequencies, _RUMBLE[1])),
        rate,
        to_power,
    )


@lru_cache
def _summation(sr: float, n_fft: int) -> Floats:
    """Return the product of spline, weights and sum, which are all linear."""
    n_steps = 1 + math.ceil(np.log2(HIGHEST_F0 / LOWEST_F0) * _STEPS_PER_OCTAVE)
    f0 = LOWEST_F0 * 2 ** (np.arange(n_steps) / _STEPS_PER_OCTAVE)
    bins = 1 + math.floor(min(_HIGHEST_HARMONIC, sr / 2) * n_fft / sr)
    spline = CubicSpline(np.arange(bins), np.eye(bins))
    out = np.zeros((n_steps, bins))
    for n in range(1, _HARMONICS + 1):
        for multiple, sign in ((n, 1.0), (n - 0.5, -_VALLEY)):
            at = multiple * f0 * n_fft / sr
            inside = at <= bins - 1
            out[inside] += sign * _DECAY ** (n - 1) * spline(at[inside])
    return np.ascontiguousarray(out.T, dtype=np.float32)


def _best_path(octaves: Floats, score: Floats) -> NDArray[np.intp]:
    """Find Viterbi's path through the candidates of each frame; the last state is unvoiced.

    There are as many chunks as frames in a chunk. The best paths between every state before a
    chunk and every state at its end are found for all chunks at once, then the best sequence of
    chunks: about 2 sqrt(n) steps of vectorised arithmetic instead of n.
    """
    n, k = score.shape
    length = math.isqrt(n - 1) + 1
    n_chunks = -(-n // length)
    states = k + 1
    padded = n_chunks * length - n
    local = np.pad(score, ((0, padded), (0, 1)))
    local[:n, k] = _UNVOICED
    # The first axis is the frame within a chunk: shape (length, n_chunks, states).
    local = local.reshape(n_chunks, length, states).swapaxes(0, 1)
    pitch = np.pad(octaves, ((0, padded), (0, 0)), mode="edge")
    pitch = pitch.reshape(n_chunks, length, k).swapaxes(0, 1)
    # Nothing comes before the first frame: it may stay where it is.
    before = [np.concatenate([pitch[0, :1], pitch[-1, :-1]]), *pitch[:-1]]

    # From the state before (first axis) to the state now (last axis).
    cost = np.full((states, n_chunks, states), _VOICING_COST, dtype=np.float32)
    cost[k, :, k] = 0
    # What the best path from the state before a chunk (first axis) to a state is worth.
    reached_by = np.empty((length + 1, states, n_chunks, states), dtype=np.float32)
    reached_by[0] = np.where(np.eye(states, dtype=bool), 0, _IMPOSSIBLE)[:, None]
    for t in range(length):
        cost[:k, :, :k] = _JUMP_COST * np.abs(before[t].T[:, :, None] - pitch[t])
        now = reached_by[t + 1]
        np.subtract(reached_by[t, :, :, :1], cost[0], out=now)
        for state in range(1, states):
            step = reached_by[t, :, :, state : state + 1] - cost[state]
            np.maximum(now, step, out=now)
        now += local[t]
    total = reached_by[-1].swapaxes(0, 1)

    entry = np.empty(n_chunks, dtype=np.intp)
    came_from = np.empty((n_chunks, states), dtype=np.intp)
    reached = np.zeros(states)
    for chunk in range(n_chunks):
        ways = reached[:, None] + total[chunk]
        came_from[chunk] = ways.argmax(axis=0)
        reached = ways.max(axis=0)
    state = int(reached.argmax())
    last = np.empty(n_chunks, dtype=np.intp)
    for chunk in range(n_chunks - 1, -1, -1):
        last[chunk], entry[chunk] = state, came_from[chunk, state]
        state = entry[chunk]

    path = np.empty((length, n_chunks), dtype=np.intp)
    everyone = np.arange(n_chunks)
    now = last
    for t in range(length - 1, -1, -1):
        path[t] = now
        # The state before is found again along the one path, which is less than to keep them all.
        cost[:k, :, :k] = _JUMP_COST * np.abs(before[t].T[:, :, None] - pitch[t])
        now = (reached_by[t, entry, everyone] - cost[:, everyone, now].T).argmax(axis=1)
    return path.T.ravel()[:n]
