"""Jitter and shimmer: how much neighbouring cycles of the voice differ.

References
----------
.. [1] P. Boersma, "Should jitter be measured by peak picking or by waveform matching?", Folia
   Phoniatrica et Logopaedica 61(5), 2009.
.. [2] J. Makhoul, "Linear prediction: a tutorial review", Proceedings of the IEEE 63(4), 1975.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skser.analysis._framing import excerpt, windows
from skser.analysis._linear_prediction import levinson_durbin
from skser.analysis._long_spectra import LOWEST_F0, LongSpectra

Floats = NDArray[np.float32]

_CHUNK, _OVERLAP = 1000, 10
"""Number of frames that are searched for cycles at once, and of frames of context on each side."""
_WHITE_NOISE = 1.01
"""Factor on the energy of a frame: formants more than 20 dB below it are not flattened."""
_SMOOTHING = 0.0003
"""Length in s of the Hann window that smooths the excitation, whose treble is lost in noise."""
_FINE = 0.00025
"""Resolution in seconds of the energy within a cycle."""
_TURN = 0.040
"""Seconds over which the position of the energy within a cycle is averaged."""
_REACH = 0.1
"""Fraction of a period by which the next cycle may be earlier or later."""
_ALIKE = 0.5
"""Minimum correlation of two neighbouring cycles."""
_BLOCK = 512
"""Number of cycles that are compared at once."""
_NEIGHBOURHOOD = 0.060
"""Seconds around the middle of a frame from which its cycles are taken."""
_LARGEST_STEP = 20 * math.log10(1.6)
"""Maximum dB between neighbouring cycles: in speech, most larger steps are at the start or the end
of a sound. With 6 dB, the shimmer of speech is a seventh higher, and agrees less with Praat's."""


class Cycles(NamedTuple):
    """Cycles of the voice in temporal order.

    Attributes
    ----------
    time : ndarray of shape (n_cycles,)
        Time of the excitation of the cycle in s.
    period : ndarray of shape (n_cycles,)
        Time in s until the excitation recurs; NaN if no similar cycle follows.
    amplitude : ndarray of shape (n_cycles,)
        Peak of the waveform in the cycle.
    """

    time: NDArray[np.float64]
    period: NDArray[np.float64]
    amplitude: NDArray[np.float64]


def jitter_and_shimmer(frames: LongSpectra, f0: Floats) -> tuple[Floats, Floats]:
    """Compute the local jitter and shimmer around each voiced frame.

    Jitter is measured in the excitation (see `find_cycles`), shimmer in the waveform, in which
    the noise of a recording has less weight. If formants ring from one cycle into the next
    (narrow ones, or an F0 above 200 Hz), shimmer reflects them as much as the source.

    Jitter is the mean absolute difference of consecutive periods over the mean period, shimmer
    the mean absolute difference in dB of the peaks of consecutive cycles, both over the cycles
    within 30 ms of the middle of the frame.

    Parameters
    ----------
    frames : LongSpectra
        Spectra of the clip.
    f0 : ndarray of shape (n_frames,)
        Fundamental frequency in Hz; NaN in unvoiced frames.

    Returns
    -------
    jitter : ndarray of shape (n_frames,)
        Jitter as a fraction of the period; NaN where `f0` is NaN, or where there are no two
        consecutive periods.
    shimmer : ndarray of shape (n_frames,)
        Shimmer in dB; NaN where `f0` is NaN, or where there are no two consecutive cycles.
    """
    cycles = find_cycles(frames, f0)
    steps, periods, level_steps = neighbouring_cycles(cycles)
    middle = np.arange(frames.n_frames) * (frames.hop / frames.sr)
    bounds = middle + np.array([[-1], [1]]) * (_NEIGHBOURHOOD / 2)
    first, last = np.searchsorted(cycles.time[1:], bounds)

    # Of the periods and levels that are compared: their differences, and what these are divided by.
    compared = np.stack([steps, periods, level_steps, np.ones(len(steps))])
    missing = np.isnan(np.stack([steps, steps, level_steps, level_steps]))
    running = np.zeros((4, len(steps) + 1))
    np.cumsum(np.where(missing, 0, compared), axis=1, out=running[:, 1:])
    totals = running[:, last] - running[:, first]
    # Running sums may differ by rounding even if nothing was added.
    there = ~np.isnan(f0) & (totals[1::2] > 1e-6)
    quotients = np.maximum(totals[::2], 0) / np.where(there, totals[1::2], 1)
    jitter, shimmer = np.where(there, quotients, np.nan).astype(np.float32)
    return jitter, shimmer


def neighbouring_cycles(
    cycles: Cycles,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compare each cycle with the one before it.

    Returns
    -------
    steps : ndarray of shape (n_cycles - 1,)
        Absolute difference of their periods in s; NaN if they are not consecutive.
    periods : ndarray of shape (n_cycles - 1,)
        Mean of their periods in s.
    level_steps : ndarray of shape (n_cycles - 1,)
        Absolute difference of their peaks in dB; NaN if they are not consecutive.
    """
    period = cycles.period
    level = 20 * np.log10(np.maximum(cycles.amplitude, 1e-10))
    level_steps = np.abs(np.diff(level))
    level_steps[np.isnan(period[:-1]) | (level_steps > _LARGEST_STEP)] = np.nan
    return np.abs(np.diff(period)), (period[1:] + period[:-1]) / 2, level_steps


def find_cycles(frames: LongSpectra, f0: Floats) -> Cycles:
    """Find the cycles of the voiced frames by waveform matching (Boersma, 2009).

    Periods are measured in the excitation: the clip, filtered by the inverse of its formants (the
    prediction error of Makhoul, 1975). In the waveform itself, a formant that rings from cycle to
    cycle hides much of the jitter of the source.
    """
    predictors = _predictors(frames, ~np.isnan(f0))
    parts = list(_find_in_chunks(frames, f0, predictors))
    if not parts:
        return Cycles(np.empty(0), np.empty(0), np.empty(0))
    time, period, above, below = (np.concatenate(part) for part in zip(*parts, strict=True))
    # A recording may be upside down: peaks are of the sign for which the voice has the higher ones.
    return Cycles(time, period, above if above.sum() >= below.sum() else below)


def _predictors(frames: LongSpectra, voiced: NDArray[np.bool_]) -> Floats:
    """Return the smoothed inverse filters of the voiced frames; shape (n_frames, n_taps)."""
    order = 2 + round(frames.sr / 1000)
    kernel = _smoothing(frames.sr)
    taps = np.zeros((len(voiced), order + len(kernel)), dtype=np.float32)
    for which, power in frames:
        rows = np.flatnonzero(voiced[which])
        if len(rows):
            r = (power[rows] @ _cosines(frames.n_fft, order)).astype(np.float64)
            r[:, 0] = r[:, 0] * _WHITE_NOISE + 1e-30
            a, _ = levinson_durbin(r)
            smooth = np.zeros((len(rows), taps.shape[1]))
            for delay, weight in enumerate(kernel):
                smooth[:, delay : delay + order + 1] += weight * a
            taps[which.start + rows] = smooth
    return taps


@lru_cache
def _cosines(n_fft: int, order: int) -> Floats:
    """Return the matrix from powers of the bins to the first autocorrelations."""
    angles = 2 * np.pi / n_fft * np.outer(np.arange(1 + n_fft // 2), np.arange(order + 1))
    weights = np.cos(angles) / n_fft * 2
    weights[[0, -1]] /= 2
    return weights.astype(np.float32)


@lru_cache
def _smoothing(sr: float) -> NDArray[np.float64]:
    kernel = np.hanning(2 * max(1, round(_SMOOTHING * sr / 2)) + 3)[1:-1]
    return kernel / kernel.sum()


def _find_in_chunks(
    frames: LongSpectra, f0: Floats, predictors: Floats
) -> Iterator[tuple[NDArray[np.float64], ...]]:
    sr, hop = frames.sr, frames.hop
    room = math.ceil(2.5 * sr / LOWEST_F0)
    for first in range(0, len(f0), _CHUNK):
        begin = max(0, first - _OVERLAP)
        track = f0[begin : first + _CHUNK + _OVERLAP]
        found = np.flatnonzero(~np.isnan(track))
        if len(found) == 0:
            continue
        # A recording often begins and ends with silence.
        silent = max(0, found[0] - _OVERLAP)
        track = track[silent : found[-1] + _OVERLAP]
        begin += silent
        voiced = ~np.isnan(track)
        # In both, sample `room` is the middle of the first frame.
        start, length = begin * hop - room, (len(track) - 1) * hop + 2 * room + 1
        waveform = frames.excerpt(start, length)
        excitation = _excitation(frames, begin, voiced, predictors, room, length)
        at = np.arange(len(track))
        contour = np.interp(at, at[voiced], track[voiced])
        marks = _marks(excitation[room:-room], sr, hop, contour)
        frame = np.rint(marks / hop).astype(int)
        kept = voiced[frame]
        marks, frame = marks[kept], frame[kept]
        if len(marks) == 0:
            continue
        widths = np.rint(sr / np.interp(marks / hop, at, contour)).astype(int)
        marks += room
        starts = np.rint(marks).astype(int) - widths // 2
        runs = np.cumsum(np.diff(voiced, prepend=False))[frame]
        lag = _match(excitation, starts, widths)
        lag[np.append(runs[1:] != runs[:-1], True)] = np.nan
        peaks = _peaks(waveform, starts, widths)
        own = (frame + begin >= first) & (frame + begin < first + _CHUNK)
        yield (marks[own] + start) / sr, lag[own] / sr, *peaks[:, own]


def _excitation(
    frames: LongSpectra,
    begin: int,
    voiced: NDArray[np.bool_],
    predictors: Floats,
    room: int,
    length: int,
) -> Floats:
    """Filter each voiced frame with its own predictor; unvoiced frames are zero."""
    hop, n_taps = frames.hop, predictors.shape[1]
    before = begin * hop - hop // 2 - (n_taps - 1)
    x = frames.excerpt(before, len(voiced) * hop + n_taps - 1)
    chosen = np.flatnonzero(voiced)
    rows = windows(x, hop + n_taps - 1)[chosen * hop]
    # Not a matrix product: none is quick where the rows of a matrix overlap.
    filtered = np.einsum("fst,ft->fs", windows(rows, n_taps), predictors[begin + chosen, ::-1])
    out = np.zeros((len(voiced), hop), dtype=np.float32)
    out[chosen] = filtered
    return excerpt(out.ravel(), hop // 2 - room, length)


def _marks(x: Floats, sr: float, hop: int, contour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the centre of each cycle's energy in samples.

    The phase from integrating the contour is corrected by the phase of the energy relative to it,
    so that no cycle is lost or counted twice, however long the voice lasts.
    """
    fine = max(1, round(_FINE * sr))
    n = len(x) // fine
    energy = np.square(x[: n * fine]).reshape(n, fine) @ np.ones(fine, dtype=np.float32)
    where = (np.arange(n) + 0.5) * fine
    phase = np.cumsum(np.interp(where / hop, np.arange(len(contour)), contour)) * (fine / sr)
    angle = (2 * np.pi * (phase - np.floor(phase))).astype(np.float32)
    turning = np.empty(n, dtype=np.complex64)
    turning.real = energy * np.cos(angle)
    turning.imag = energy * -np.sin(angle)
    per = max(1, hop // fine // 2)
    n_steps = n // per
    if n_steps == 0:
        return np.empty(0)
    steps = turning[: n_steps * per].reshape(n_steps, per).sum(axis=1)
    kernel = np.hanning(2 + max(1, round(_TURN * sr / (per * fine))))[1:-1]
    lead = np.unwrap(np.angle(np.convolve(steps, kernel)[len(kernel) // 2 :][:n_steps]))
    middle = (np.arange(n_steps) + 0.5) * per * fine
    phase += np.interp(where, middle, lead / (2 * np.pi))
    phase = np.maximum.accumulate(phase)
    whole = np.arange(math.ceil(phase[0]), math.floor(phase[-1]) + 1)
    return np.interp(whole, phase, where)


def _match(x: Floats, starts: NDArray[np.intp], widths: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the number of samples until each cycle recurs, NaN if it does not."""
    lags = np.empty(len(starts))
    for begin in range(0, len(starts), _BLOCK):
        which = slice(begin, begin + _BLOCK)
        start, width = starts[which], widths[which]
        reach = np.ceil(_REACH * width).astype(int)
        # The parabola needs a neighbour on either side of the largest shift.
        widest, largest = width.max(), reach.max() + 1
        shifts = np.arange(-largest, largest + 1)
        inside = (np.arange(widest) < width[:, None]).astype(np.float32)
        own = windows(x, widest)[start] * inside
        around = windows(x, widest + 2 * largest)[start + width - largest]
        product = _correlated(around, own)
        norm = np.sqrt(_correlated(np.square(around), inside))
        norm *= np.sqrt(np.vecdot(own, own))[:, None]
        likeness = product / np.maximum(norm, np.float32(1e-15))
        within = np.abs(shifts) <= reach[:, None]
        best = np.where(within, likeness, np.float32(-2)).argmax(axis=1)
        rows = np.arange(len(best))
        shift, height = _parabola(*(likeness[rows, best + i] for i in (-1, 0, 1)))
        change = shifts[best] + shift
        alike = (height > _ALIKE) & (np.abs(change) <= _REACH * width + 1)
        lags[which] = np.where(alike, width + change, np.nan)
    return lags


def _correlated(around: Floats, own: Floats) -> Floats:
    """Return the scalar product of each row of `own` with each part of that row of `around`."""
    return np.einsum("cdt,ct->cd", windows(around, own.shape[1]), own)


def _peaks(x: Floats, starts: NDArray[np.intp], widths: NDArray[np.intp]) -> Floats:
    """Return the highest peak of `x` and of `-x` in each cycle; shape (2, n_cycles)."""
    peaks = np.empty((2, len(starts)), dtype=np.float32)
    for begin in range(0, len(starts), _BLOCK):
        which = slice(begin, begin + _BLOCK)
        start, width = starts[which], widths[which]
        inside = np.arange(width.max()) < width[:, None]
        own = windows(x, inside.shape[1])[start] * inside
        highest = own.argmax(axis=1), own.argmin(axis=1)
        for sign, peak, at in zip((1, -1), peaks, highest, strict=True):
            peak[which] = _parabola(*(sign * x[start + at + i] for i in (-1, 0, 1)))[1]
    return peaks


def _parabola(left: Floats, top: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Interpolate maxima by a parabola; return their offset from the middle, and their height."""
    curvature = left - 2 * top + right
    peak = (curvature < 0) & (top >= left) & (top >= right)
    shift = np.where(peak, 0.5 * (left - right) / np.where(peak, curvature, -1), 0)
    return shift, top - 0.25 * (left - right) * shift
