"""Shape of a magnitude spectrum: pure functions of arrays with a frame a row."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def _divided(numerator: Floats, denominator: Floats) -> Floats:
    """Divide; 0 where the denominator is too small to divide by (a silent frame)."""
    silent = denominator < np.finfo(np.float32).tiny
    return np.where(silent, 0, numerator / np.where(silent, 1, denominator))


def centroid(S: Floats, frequencies: Floats) -> Floats:
    """Mean frequency, weighted by magnitude; 0 Hz for a silent frame.

    Parameters
    ----------
    S : ndarray of shape (n_frames, n_bins)
    frequencies : ndarray of shape (n_bins,)

    Returns
    -------
    centroid : ndarray of shape (n_frames,), in Hz
    """
    return _divided(S @ frequencies, S.sum(axis=1))


def bandwidth(S: Floats, frequencies: Floats, centroid: Floats, p: float) -> Floats:
    """Spread around the centroid of order p, weighted by magnitude; shape (n_frames,), Hz."""
    deviation = np.abs(frequencies - centroid[:, None])
    # Not np.power: the operator alone has a fast path for squares.
    deviation = deviation**p
    deviation *= S
    return _divided(deviation.sum(axis=1), S.sum(axis=1)) ** (1.0 / p)


def rolloff(S: Floats, frequencies: Floats, roll_percent: float) -> Floats:
    """Frequency below which `roll_percent` of the magnitude lies; shape (n_frames,), Hz."""
    cumulated = np.cumsum(S, axis=1)
    below = cumulated < roll_percent * cumulated[:, -1:]
    return frequencies[np.count_nonzero(below, axis=1)]


def flatness(S: Floats, amin: float, power: float) -> Floats:
    """Geometric over arithmetic mean of S**power, at least `amin`; shape (n_frames,)."""
    powered = np.maximum(S**power, np.float32(amin))
    arithmetic = powered.mean(axis=1)
    np.log(powered, out=powered)
    return np.exp(powered.mean(axis=1)) / arithmetic


def contrast(
    S: Floats,
    frequencies: Floats,
    sr: float,
    *,
    fmin: float,
    n_bands: int,
    quantile: float,
    linear: bool,
) -> Floats:
    """Peak against valley of the magnitude in octave bands (Jiang et al. 2002).

    Returns
    -------
    contrast : ndarray of shape (n_frames, n_bands + 1), in dB, or a difference if `linear`
    """
    from librosa import power_to_db

    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    if edges[-2] >= sr / 2:
        raise ValueError(
            f"SpectralContrast: the highest band begins at fmin * 2**(n_bands - 1) = "
            f"{edges[-2]:g} Hz, not below the Nyquist frequency sr / 2 = {sr / 2:g} Hz. Lower "
            f"fmin={fmin!r} or n_bands={n_bands!r}."
        )
    peak = np.empty((len(S), n_bands + 1))
    valley = np.empty_like(peak)
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        if len(inside) < 2:
            raise ValueError(
                f"SpectralContrast: the band from {low:g} to {high:g} Hz is narrower than two bins "
                f"(sr / n_fft = {frequencies[1]:g} Hz). Raise n_fft, or fmin={fmin!r}."
            )
        first, last = inside[0], inside[-1]
        # Neighbouring bands share an edge: a band begins one bin early, the last one goes up
        # to the Nyquist frequency, and every other drops its last bin.
        first -= band > 0
        last = len(frequencies) - 1 if band == n_bands else last
        width = int(last - first + 1)
        n_extreme = max(1, int(np.rint(quantile * width)))
        stop = last + 1 if band == n_bands else last
        part = np.partition(S[:, first:stop], [n_extreme - 1, stop - first - n_extreme], axis=1)
        valley[:, band] = part[:, :n_extreme].mean(axis=1)
        peak[:, band] = part[:, -n_extreme:].mean(axis=1)
    difference = peak - valley if linear else power_to_db(peak) - power_to_db(valley)
    return np.asarray(difference, dtype=np.float32)
