"""Jitter and shimmer: how much neighbouring cycles of the voice differ.

References
----------
.. [1] P. Boersma, "Should jitter be measured by peak picking or by waveform matching?", Folia
   Phoniatrica et Logopaedica 61(5), 2009.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_CHUNK = 1000
_OVERLAP = 10
_FINE = 0.00025
_REACH = 0.15
_ALIKE = 0.5
_BLOCK = 64
_NEIGHBOURHOOD = 0.060
_AMP = "peak"
_PERIOD_RATIO, _AMPLITUDE_RATIO = 1.3, 1.6


class Cycles(NamedTuple):
    """Cycles of the voice in the order of time.

    Attributes
    ----------
    time : ndarray of shape (n_cycles,)
        Middle of each cycle in s.
    period : ndarray of shape (n_cycles,)
        Distance in s from the waveform around `time` to the most similar one a period later; NaN
        where the next cycle is not voiced or not similar.
    amplitude : ndarray of shape (n_cycles,)
        Peak of the cycle.
    """

    time: NDArray[np.float64]
    period: NDArray[np.float64]
    amplitude: NDArray[np.float64]


def find_cycles(y: Floats, sr: float, hop: int, f0: Floats) -> Cycles:
    """Find every cycle of the voiced frames of a clip."""
    parts = [
        _cycles_of_chunk(y, sr, hop, f0, first) for first in range(0, len(f0), _CHUNK)
    ]
    return Cycles(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _cycles_of_chunk(y, sr, hop, f0, first):
    begin, end = max(0, first - _OVERLAP), min(len(f0), first + _CHUNK + _OVERLAP)
    voiced = ~np.isnan(f0[begin:end])
    if not voiced.any():
        return (np.empty(0),) * 3
    # Half a frame step of room for the longest period on either side.
    room = math.ceil(2.5 * sr / 55)
    start = begin * hop - room
    x = np.zeros((end - begin) * hop + 2 * room, dtype=np.float32)
    inside = y[max(start, 0) : start + len(x)]
    x[max(-start, 0) : max(-start, 0) + len(inside)] = inside

    at = np.arange(end - begin)
    track = np.interp(at, at[voiced], f0[begin:end][voiced]).astype(np.float64)
    marks, periods = _marks(x[room:], sr, hop, track, len(at))
    frame = np.rint(marks / hop).astype(int)
    good = (frame >= 0) & (frame < len(voiced))
    marks, periods, frame = marks[good], periods[good], frame[good]
    runs = np.cumsum(np.diff(voiced, prepend=False))
    good = voiced[frame]
    marks, periods, run = marks[good] + room, periods[good], runs[frame[good]]
    if len(marks) == 0:
        return (np.empty(0),) * 3

    lag, likeness = _match(x, marks, periods)
    followed = np.append(run[1:] == run[:-1], False)
    lag[~followed | (likeness < _ALIKE)] = np.nan
    amplitude = _amplitudes(x, marks, periods)
    frame = frame[good] + begin
    own = (frame >= first) & (frame < first + _CHUNK)
    time = (marks + start) / sr
    return time[own], lag[own] / sr, amplitude[own]


def _marks(x, sr, hop, track, n_frames):
    """Return where cycles have their middle, and their expected periods, in samples.

    The middle is where the energy of a cycle is: a phase that follows F0 is set right by the
    phase that the energy has in relation to it.
    """
    fine = max(1, round(_FINE * sr))
    n = (n_frames * hop) // fine
    energy = np.square(x[: n * fine], dtype=np.float32).reshape(n, fine).sum(axis=1)
    where = (np.arange(n) + 0.5) * fine
    f = np.interp(where / hop, np.arange(n_frames), track)
    phase = np.cumsum(f) * fine / sr
    turning = energy * np.exp(-2j * np.pi * (phase % 1)).astype(np.complex64)
    # Averaged over some 40 ms around every step of 5 ms.
    per = max(1, hop // fine // 2)
    m = n // per
    sums = turning[: m * per].reshape(m, per).sum(axis=1)
    kernel = np.hanning(10)[1:-1]
    smooth = np.convolve(sums, kernel, mode="same")
    lead = np.unwrap(np.angle(smooth)) / (2 * np.pi)
    centre = (np.arange(m) + 0.5) * per * fine
    corrected = phase + np.interp(where, centre, lead)
    corrected = np.maximum.accumulate(corrected)
    whole = np.arange(math.ceil(corrected[0]), math.floor(corrected[-1]) + 1)
    marks = np.interp(whole, corrected, where)
    return marks, sr / np.interp(marks / hop, np.arange(n_frames), track)


def _match(x, marks, periods):
    """Return the lag in samples at which the waveform repeats best, and how well."""
    lags = np.full(len(marks), np.nan)
    likeness = np.zeros(len(marks))
    power = np.concatenate([[0], np.cumsum(np.square(x, dtype=np.float64))])
    for begin in range(0, len(marks), _BLOCK):
        which = slice(begin, begin + _BLOCK)
        period = periods[which]
        width = np.rint(period).astype(int)
        reach = math.ceil(_REACH * period.max()) + 1
        widest = width.max()
        start = np.rint(marks[which] - period / 2).astype(int)
        shortest = np.rint(period).astype(int) - reach
        own = x[start[:, None] + np.arange(widest)]
        own = np.where(np.arange(widest) < width[:, None], own, 0)
        later = start + shortest
        places = np.minimum(later[:, None] + np.arange(widest + 2 * reach), len(x) - 1)
        other = sliding_window_view(x[places], widest, axis=1)
        dots = np.vecdot(other, own[:, None, :])
        tried = later[:, None] + np.arange(2 * reach + 1)
        tried = np.minimum(tried, len(x) - widest)
        energy = (power[tried + width[:, None]] - power[tried]) * (
            power[start + width] - power[start]
        )[:, None]
        c = dots / np.sqrt(np.maximum(energy, 1e-30))
        rows = np.arange(len(c))
        best = c[:, 1:-1].argmax(axis=1) + 1
        left, middle, right = c[rows, best - 1], c[rows, best], c[rows, best + 1]
        curvature = left - 2 * middle + right
        peak = (curvature < 0) & (middle >= left) & (middle >= right)
        shift = np.where(peak, 0.5 * (left - right) / np.where(peak, curvature, 1), 0)
        lags[which] = shortest + best + shift
        likeness[which] = np.where(peak, middle, 0)
    return lags, likeness


def _amplitudes(x, marks, periods):
    """Return the peak of every cycle, on the side on which the clip has the larger ones."""
    result = np.empty(len(marks))
    for begin in range(0, len(marks), _BLOCK):
        which = slice(begin, begin + _BLOCK)
        period = periods[which]
        width = np.rint(period).astype(int)
        start = np.rint(marks[which] - period / 2).astype(int)
        own = x[start[:, None] + np.arange(width.max())]
        own = np.where(np.arange(width.max()) < width[:, None], own, 0)
        if _AMP == "rms":
            result[which] = np.sqrt((own**2).sum(1) / width)
            continue
        sign = 1 if (own**3).sum() >= 0 else -1
        own = own * sign
        rows = np.arange(len(own))
        best = np.clip(own.argmax(axis=1), 1, own.shape[1] - 2)
        left, middle, right = own[rows, best - 1], own[rows, best], own[rows, best + 1]
        curvature = left - 2 * middle + right
        peak = (curvature < 0) & (middle >= left) & (middle >= right)
        shift = np.where(peak, 0.5 * (left - right) / np.where(peak, curvature, 1), 0)
        result[which] = middle - 0.25 * (left - right) * shift
    return result


def local_differences(cycles: Cycles):
    p, a = cycles.period, cycles.amplitude
    dp = np.abs(np.diff(p))
    ratio = np.maximum(p[1:], p[:-1]) / np.minimum(p[1:], p[:-1])
    dp[~(ratio < _PERIOD_RATIO)] = np.nan
    mean = (p[1:] + p[:-1]) / 2
    with np.errstate(all="ignore"):
        da = np.abs(20 * np.log10(a[1:] / a[:-1]))
    da[~(da < 20 * np.log10(_AMPLITUDE_RATIO)) | np.isnan(p[:-1])] = np.nan
    return dp, mean, da
