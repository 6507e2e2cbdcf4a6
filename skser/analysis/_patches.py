"""Hiding patches of a clip, each an interval of time in a band of frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

from skser.analysis._framing import overlap_add, spectra
from skser.analysis._spectral import divided

_SECONDS = 0.04
"""Approximate length of a frame: it resolves harmonics, and a syllable has several frames."""

_OVERLAP = 4
"""Number of frames that cover a sample."""

_SOFTEST = 10
"""Percentile of a bin's magnitudes that counts as background: its level in pauses."""


class Patches:
    r"""A clip whose patches can be hidden, in its short-time Fourier transform.

    Bin k of frame t is attenuated to the background, the 10th percentile of the magnitudes of the
    bin over the clip. Its phase is kept, and a bin that is already softer is not changed:

    .. math:: S_{tk} \min(1, b_k / |S_{tk}|), \quad b_k = P_{10} \{|S_{uk}|\}_u

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples.
    sr : float
        Sample rate in Hz.

    Attributes
    ----------
    times : ndarray of shape (n_frames,)
        Centres of the frames in seconds.
    frequencies : ndarray of shape (n_bins,)
        Centres of the bins in Hz.
    """

    def __init__(self, y: NDArray[np.float32], sr: float) -> None:
        n_fft = max(2 ** round(np.log2(_SECONDS * sr)), 2 * _OVERLAP)
        self._y = y
        self._hop_length = n_fft // _OVERLAP
        self._window = get_window("hann", n_fft)
        blocks = spectra(y, n_fft, self._hop_length, self._window)
        spectrum = np.concatenate([block for _, block in blocks])
        magnitude = np.abs(spectrum)
        background = np.percentile(magnitude, _SOFTEST, axis=0).astype(np.float32)
        self._excess = spectrum * divided(np.maximum(magnitude - background, 0), magnitude)
        self.times: NDArray[np.float64] = np.arange(len(spectrum)) * self._hop_length / sr
        self.frequencies: NDArray[np.floating] = np.fft.rfftfreq(n_fft, 1 / sr)

    def without(self, frames: NDArray[np.bool_], bins: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the samples with one patch hidden.

        The part above the background is resynthesised and subtracted, so samples outside the
        frames of the patch are bit-identical to the original.

        Parameters
        ----------
        frames : ndarray of shape (n_frames,)
            Whether a frame is in the patch.
        bins : ndarray of shape (n_bins,)
            Whether a bin is in the patch.

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        patch = np.where(frames[:, np.newaxis] & bins, self._excess, 0)
        excess = overlap_add(patch, self._hop_length, self._window, len(self._y))
        return self._y - excess.astype(np.float32)
