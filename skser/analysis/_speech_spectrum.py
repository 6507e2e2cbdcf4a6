"""Short-time power spectrum of speech, which all spectral descriptors of the voice share.

Frames are 20 ms long and 10 ms apart, with a Hamming window, and zero-padded to a power of two
(Eyben et al. 2016, "The Geneva Minimalistic Acoustic Parameter Set", IEEE TAC 7(2)). Frame t is
centred at ``t * hop_length / sr`` seconds, as every frame of the library is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skser.analysis._filterbanks import window_samples
from skser.analysis._framing import spectra

Floats = NDArray[np.float32]

LEAST_SR = 8000
"""Minimum sample rate in Hz; the third formant of a voice lies below half of it."""


@dataclass(frozen=True)
class SpeechFrames:
    """Frames into which speech is cut.

    Parameters
    ----------
    sr : float, default=16000
        Sample rate in Hz, at least 8000.
    frame_seconds, hop_seconds : float, default=0.02 and 0.01
        Length of the frames and hop between them, in seconds.
    window : str, default="hamming"
        Name of a window of `scipy.signal.get_window`.
    """

    sr: float = 16000
    frame_seconds: float = 0.02
    hop_seconds: float = 0.01
    window: str = "hamming"

    def __post_init__(self) -> None:
        if self.sr < LEAST_SR:
            raise ValueError(
                f"sr={self.sr!r} Hz is too low for the voice. Use a sample rate of at least "
                f"{LEAST_SR} Hz."
            )

    @property
    def frame_length(self) -> int:
        """Number of samples in a frame, which is even so that a frame has a middle."""
        return 2 * round(self.sr * self.frame_seconds / 2)

    @property
    def hop_length(self) -> int:
        """Number of samples from one frame to the next."""
        return round(self.sr * self.hop_seconds)

    @property
    def n_fft(self) -> int:
        """Number of samples in a zero-padded frame, the next power of two."""
        return 1 << (self.frame_length - 1).bit_length()

    @cached_property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequencies of the bins in Hz; shape (1 + n_fft // 2,)."""
        bins = np.arange(1 + self.n_fft // 2, dtype=np.float64)
        return bins * np.float64(self.sr / self.n_fft)

    @cached_property
    def padded_window(self) -> NDArray[np.float64]:
        """Window, centred in a zero-padded frame; shape (n_fft,)."""
        window = np.zeros(self.n_fft)
        start = (self.n_fft - self.frame_length) // 2
        window[start : start + self.frame_length] = window_samples(self.window, self.frame_length)
        return window


def power_blocks(y: Floats, frames: SpeechFrames) -> Iterator[tuple[slice, Floats]]:
    """Compute the power spectrum of a clip, one block of frames at a time.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    frames : SpeechFrames
        Frames into which the clip is cut.

    Yields
    ------
    which : slice
        Frames of the block.
    power : ndarray of shape (n_frames_in_block, n_bins)
        Squared magnitude of the Fourier transform of the windowed samples.
    """
    # Single precision loses what is 120 dB below the loudest bin, and samples of 16 bits lose more.
    window = frames.padded_window.astype(np.float32)
    for which, block in spectra(y, frames.n_fft, frames.hop_length, window):
        parts = block.view(np.float32)
        np.square(parts, out=parts)
        yield which, parts[:, ::2] + parts[:, 1::2]
