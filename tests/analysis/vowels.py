"""Vowels whose fundamental, perturbation, formants and noise are known by construction."""

from typing import NamedTuple

import numpy as np
import scipy.signal

from skser.datasets._voice import glottal_flow

SR = 16000
HOP = 160
FORMANTS = (500.0, 1500.0, 2500.0, 3500.0)
BANDWIDTHS = (60.0, 90.0, 120.0, 160.0)
_OVERSAMPLING = 8
_OPEN = 0.6


class Vowel(NamedTuple):
    y: np.ndarray
    """Samples, float32, mono."""
    closures: np.ndarray
    """Times in s at which the glottis closes, where the cycles are excited."""
    strengths: np.ndarray
    """Amplitudes of the cycles."""

    @property
    def periods(self):
        return np.diff(self.closures)


def local_perturbation(values):
    """Mean absolute difference of neighbours over the mean: jitter of periods in s."""
    return np.abs(np.diff(values)).mean() / values.mean()


def local_perturbation_db(values):
    """Mean absolute difference of neighbours in dB: shimmer of amplitudes."""
    return np.abs(np.diff(20 * np.log10(values))).mean()


def contour(f0, seconds):
    """Return a constant or a function of time in s as F0 in Hz, sample by sample."""
    time = np.arange(round(seconds * SR)) / SR
    return np.broadcast_to(f0(time) if callable(f0) else float(f0), time.shape)


def at_frames(track):
    """Return what a track of samples is at the centres of the frames, with one after its end."""
    n_frames = 1 + len(track) // HOP
    return track[np.minimum(np.arange(n_frames) * HOP, len(track) - 1)]


def _closures(f0):
    """Return the times in s at which the phase of a contour passes a whole number."""
    phase = np.concatenate([[0], np.cumsum((f0[1:] + f0[:-1]) / 2)]) / SR
    return np.interp(np.arange(int(phase[-1]) + 1), phase, np.arange(len(f0)) / SR)


def vowel(
    f0=120.0,
    seconds=1.0,
    *,
    jitter=0.0,
    shimmer=0.0,
    formants=FORMANTS,
    bandwidths=BANDWIDTHS,
    source="glottal",
    level=0.1,
    rng=None,
):
    """Synthesise a vowel.

    Parameters
    ----------
    f0 : float or callable
        Hz, constant or as a function of time in s.
    seconds : float
    jitter, shimmer : float
        Standard deviation of a period and of an amplitude, as parts of their mean.
    formants, bandwidths : sequence of float
        Hz.
    source : {"glottal", "pulses"}
        The derivative of a glottal flow, whose spectrum falls, or pulses with a flat spectrum.
    level : float
        Root mean square.
    rng : numpy.random.Generator
        Decides jitter and shimmer.

    Returns
    -------
    Vowel
    """
    track = contour(f0, seconds)
    closures = _closures(track)
    periods = np.diff(closures)
    if jitter:
        factors = 1 + jitter * np.clip(rng.normal(size=len(periods)), -3, 3)
        closures = np.concatenate([[0], np.cumsum(periods * factors)])
        closures = closures[closures < seconds]
    strengths = np.ones(len(closures))
    if shimmer:
        strengths += shimmer * np.clip(rng.normal(size=len(closures)), -3, 3)

    fine = _OVERSAMPLING * SR
    time = np.arange(round(seconds * fine)) / fine
    if source == "pulses":
        # Lanczos kernels: pulses between two samples, flat up to the Nyquist frequency of `SR`.
        excitation = np.zeros(len(time))
        reach = np.arange(-16 * _OVERSAMPLING, 16 * _OVERSAMPLING + 1)
        at = np.rint(closures * fine).astype(int)
        places = at[:, None] + reach
        offset = (places - (closures * fine)[:, None]) / _OVERSAMPLING
        kernels = strengths[:, None] * np.sinc(offset) * np.sinc(offset / 16)
        inside = (places >= 0) & (places < len(time))
        np.add.at(excitation, places[inside], kernels[inside])
    else:
        rates = track[np.minimum((closures * SR).astype(int), len(track) - 1)]
        # A pulse has the length that F0 gives it, whatever the jitter of its neighbours.
        openings = closures - _OPEN / rates
        cycle = np.maximum(np.searchsorted(openings, time, side="right") - 1, 0)
        phase = np.clip((time - openings[cycle]) * rates[cycle], 0, 1 - 1e-9)
        flow = strengths[cycle] * glottal_flow(phase, _OPEN)
        excitation = np.diff(flow, prepend=0.0)
    y = scipy.signal.resample_poly(excitation, 1, _OVERSAMPLING)
    for frequency, bandwidth in zip(formants, bandwidths, strict=True):
        radius = np.exp(-np.pi * bandwidth / SR)
        a = [1, -2 * radius * np.cos(2 * np.pi * frequency / SR), radius**2]
        y = scipy.signal.lfilter([sum(a)], a, y)
    y *= level / np.sqrt(np.mean(y**2))
    return Vowel(y.astype(np.float32), closures, strengths)


def harmonics(f0, amplitudes, seconds=1.0, rng=None):
    """Return a sum of sinusoids at multiples of `f0`; phases are zero, or random with `rng`."""
    phase = 2 * np.pi * np.cumsum(contour(f0, seconds)) / SR
    shifts = (
        np.zeros(len(amplitudes)) if rng is None else rng.uniform(0, 2 * np.pi, len(amplitudes))
    )
    parts = [a * np.sin((n + 1) * phase + shifts[n]) for n, a in enumerate(amplitudes)]
    return np.sum(parts, axis=0).astype(np.float32)


def with_noise(y, snr, rng):
    """Add white noise `snr` dB below the mean power of what is not zero in `y`."""
    power = np.mean(y[y != 0].astype(np.float64) ** 2) * 10 ** (-snr / 10)
    return (y + rng.normal(scale=np.sqrt(power), size=len(y))).astype(np.float32)


def phrases(f0, n_phrases=4, voiced=0.6, pause=0.4):
    """Return vowels between pauses of zeros, the F0 of each sample, and which ones are voiced."""
    silence = np.zeros(round(pause * SR), dtype=np.float32)
    y, track, mask = [silence], [silence], [silence > 0]
    for _ in range(n_phrases):
        sound = vowel(f0, voiced).y
        y += [sound, silence]
        track += [contour(f0, voiced), silence]
        mask += [np.ones(len(sound), dtype=bool), silence > 0]
    return np.concatenate(y), np.concatenate(track), np.concatenate(mask)
