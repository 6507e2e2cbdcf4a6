"""Pure functions that change duration and pitch independently of each other.

This is the arithmetic of `librosa.effects` without librosa, which compiles functions when most of
its modules are imported: several processes that compile these at once can damage their cache, and
augmentation runs in several processes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

from skser.analysis._framing import overlap_add, spectra
from skser.audio._load import fix_length

N_FFT = 2048
HOP_LENGTH = N_FFT // 4


def stretch(y: NDArray[np.float32], rate: float) -> NDArray[np.float64]:
    """Make a clip faster or slower without changing its pitch.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    rate : float
        Factor of the speed; above 1, the clip becomes faster.

    Returns
    -------
    y : ndarray of shape (max(1, round(n_samples / rate)),)
    """
    window = get_window("hann", N_FFT)
    frames = np.concatenate([block for _, block in spectra(y, N_FFT, HOP_LENGTH, window)])
    return overlap_add(vocode(frames, rate), HOP_LENGTH, window, max(1, round(len(y) / rate)))


def shift_pitch(y: NDArray[np.float32], n_steps: float) -> NDArray[np.float64]:
    """Shift the pitch by semitones: stretch, then resample to the original duration.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    n_steps : float
        Number of semitones; positive values raise the pitch.

    Returns
    -------
    y : ndarray of shape (n_samples,)
    """
    import soxr

    rate = 2 ** (-n_steps / 12)
    stretched = stretch(y, rate)
    shifted = soxr.resample(stretched, 1 / rate, 1, quality="soxr_hq")
    # soxr may return one sample more than the rates imply.
    return fix_length(shifted[: math.ceil(len(stretched) * rate)], len(y))


def vocode(frames: NDArray[np.complex64], rate: float) -> NDArray[np.complex128]:
    """Read a spectrogram at another rate, keeping the phase advance of each bin.

    This is the phase vocoder of Flanagan and Golden (1966), as in `librosa.phase_vocoder`:
    magnitudes are interpolated between frames, and phases are the running sum of the advances.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, 1 + N_FFT // 2)
        Short-time spectra.
    rate : float
        Number of frames read per frame written.

    Returns
    -------
    frames : ndarray of shape (ceil(n_frames / rate), 1 + N_FFT // 2)
    """
    steps = np.arange(0, len(frames), rate)
    left = steps.astype(int)
    weight = (steps - left)[:, None]
    padded = np.pad(frames.astype(np.complex128), ((0, 2), (0, 0)))
    magnitude, phase = np.abs(padded), np.angle(padded)
    expected = 2 * np.pi * HOP_LENGTH / N_FFT * np.arange(frames.shape[1])
    deviation = phase[left + 1] - phase[left] - expected
    advance = expected + deviation - 2 * np.pi * np.round(deviation / (2 * np.pi))
    total = np.cumsum(np.vstack([phase[:1], advance[:-1]]), axis=0)
    blended = (1 - weight) * magnitude[left] + weight * magnitude[left + 1]
    return blended * np.exp(1j * total)
