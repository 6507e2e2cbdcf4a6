"""Spectra of the 60 ms frames from which pitch, harmonics and noise are computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, next_fast_len

from skser.analysis._framing import excerpt, n_frames, spectra

LOWEST_F0, HIGHEST_F0 = 55.0, 1000.0
_WINDOW_SECONDS = 0.060
_PADDING = 1.2
"""Zero-padding factor, so that the end of a frame does not correlate with its beginning."""
_PIECES = 16
"""Number of pieces of `spectra` in a block: about 450 frames at 16 kHz."""
_KEPT = 4096
"""Number of frames whose spectra are kept: 41 s with a hop of 10 ms, about 10 MB at 16 kHz."""

Block = tuple[slice, NDArray[np.float32]]


class LongSpectra:
    """Power spectra of a clip with a Hann window of 60 ms, one block of frames at a time.

    The mean of the samples is subtracted first.

    The object can be iterated over as often as needed. Spectra of a short clip are computed once
    and kept; those of a long one are computed again each time, so that memory does not grow with
    the clip. Single precision suffices: the relevant values of a frame lie within 80 dB of its
    loudest bin.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    sr : float
        Sample rate in Hz.
    hop : int
        Hop between frames in samples. Frame t is centred at sample ``t * hop``.

    Attributes
    ----------
    window : ndarray of shape (n_fft,)
        Window, with zeros on either side.
    n_fft : int
        Length of the transforms in samples.
    n_frames : int
        Number of frames, ``1 + n_samples // hop``.

    Yields
    ------
    which : slice
        Frames of the block.
    power : ndarray of shape (n_frames_in_block, 1 + n_fft // 2)
        Power spectra of these frames.
    """

    def __init__(self, y: NDArray[np.float32], sr: float, hop: int) -> None:
        self.sr = sr
        self.hop = hop
        self.window = long_window(sr)
        self.n_fft = len(self.window)
        self.n_frames = n_frames(len(y), self.n_fft, hop)
        self._y = y
        # The offset is not part of the voice, and would count as noise.
        self._offset = float(y.mean(dtype=np.float64)) if len(y) else 0.0
        self._kept: list[Block] | None = None

    def __iter__(self) -> Iterator[Block]:
        if self.n_frames > _KEPT:
            return self._blocks()
        if self._kept is None:
            self._kept = list(self._blocks())
        return iter(self._kept)

    def excerpt(self, start: int, length: int) -> NDArray[np.float32]:
        """Return `length` samples from `start` on, without the offset; zeros outside the clip."""
        return excerpt(self._y, start, length, self._offset)

    def _blocks(self) -> Iterator[Block]:
        pieces = spectra(self._y, self.n_fft, self.hop, self.window, self._offset)
        while taken := list(islice(pieces, _PIECES)):
            first, last = taken[0][0].start, taken[-1][0].stop
            # Fill in place, as a concatenation would take as long as the transforms.
            power = np.empty((last - first, 1 + self.n_fft // 2), dtype=np.float32)
            for which, spectrum in taken:
                parts = spectrum.view(np.float32)
                np.square(parts, out=parts)
                rows = slice(which.start - first, which.stop - first)
                np.add(parts[:, ::2], parts[:, 1::2], out=power[rows])
            yield slice(first, last), power


def autocorrelation(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform power spectra (n, 1 + n_fft // 2) into autocorrelations of the same shape."""
    # A real spectrum needs only cosines, which take a third of the time of an inverse FFT.
    correlation: NDArray[np.float32] = dct(power, type=1, axis=1, norm="forward")
    return correlation


@lru_cache
def long_window(sr: float) -> NDArray[np.float32]:
    half = round(_WINDOW_SECONDS * sr / 2)
    half_fft = next_fast_len(math.ceil(_PADDING * half), real=True)
    window = np.zeros(2 * half_fft, dtype=np.float32)
    window[half_fft - half : half_fft + half] = np.hanning(2 * half + 1)[:-1]
    return window
