"""Steady vowels whose fundamental frequency, formants and source spectrum are known exactly."""

import numpy as np

SR = 16000
VOWELS = {
    "neutral": (500.0, 1500.0, 2500.0),
    "a": (730.0, 1150.0, 2440.0),
    "e": (500.0, 1880.0, 2500.0),
    "i": (280.0, 2250.0, 2950.0),
    "o": (520.0, 880.0, 2410.0),
    "u": (310.0, 900.0, 2240.0),
}
"""First three formants of an adult male in Hz."""


def response(frequencies, formants, bandwidths, sr=SR):
    """Cascade of Klatt's digital resonators, gain 1 at 0 Hz."""
    delay = np.exp(-2j * np.pi * np.asarray(frequencies) / sr)
    total = np.ones_like(delay)
    for frequency, bandwidth in zip(formants, bandwidths, strict=True):
        radius = np.exp(-np.pi * bandwidth / sr)
        b, c = 2 * radius * np.cos(2 * np.pi * frequency / sr), -(radius**2)
        total *= (1 - b - c) / (1 - b * delay - c * delay**2)
    return total


def vowel(
    f0, formants, *, bandwidths=None, tilt=-6.0, upper=(3500.0, 4500.0, 5500.0), sr=SR, seconds=0.4
):
    """Add up the harmonics of a vowel, so that nothing is aliased.

    Parameters
    ----------
    f0 : float
        Hz.
    formants : sequence of float
        Hz.
    bandwidths : sequence of float, default=None
        Hz, one a formant; None is 42 Hz + 4.5 % of the frequency.
    tilt : float, default=-6
        Slope of the source spectrum in dB per octave, 0 is a train of impulses.
    upper : sequence of float
        Higher formants in Hz.
    """
    formants = np.array([*formants, *upper])
    if bandwidths is None:
        bandwidths = 42 + 0.045 * formants
    else:
        bandwidths = np.array([*bandwidths, *(42 + 0.045 * np.array(upper))])
    harmonics = np.arange(1, int(0.49 * sr / f0) + 1) * f0
    amplitudes = (harmonics / 100) ** (tilt / 6.0206) * response(
        harmonics, formants, bandwidths, sr
    )
    time = np.arange(int(seconds * sr)) / sr
    y = np.zeros(len(time))
    for harmonic, amplitude in zip(harmonics, amplitudes, strict=True):
        y += np.real(amplitude * np.exp(2j * np.pi * harmonic * time))
    return (0.3 * y / np.abs(y).max()).astype(np.float32)
