from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from skser.analysis import _framing, _spectral
from skser.analysis._constant_q import chroma_cqt
from skser.analysis._filterbanks import (
    chroma_filterbank,
    cosine_basis,
    mel_filterbank,
    window_samples,
)
from skser.analysis._plan import AnalysisPlan
from skser.analysis._tuning import estimate_tuning
from skser.analysis._voice import VoiceAnalysis

P = ParamSpec("P")
T = TypeVar("T")


def _once(
    method: Callable[Concatenate[Analysis, P], T],
) -> Callable[Concatenate[Analysis, P], T]:
    """Cache a method's result for each set of arguments for the lifetime of the analysis."""

    @wraps(method)
    def kept(self: Analysis, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (method.__name__, args, tuple(sorted(kwargs.items())))
        if key not in self._kept:
            self._kept[key] = method(self, *args, **kwargs)
        result: T = self._kept[key]
        return result

    return cast("Callable[Concatenate[Analysis, P], T]", kept)


class Analysis:
    """Spectra of one clip; each is computed at most once, when it is first needed.

    A custom feature receives an analysis in its method ``_frames(analysis)``. Features with equal
    plans share it, so that a spectrogram that several of them need is computed once.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), dtype=float32
        Mono samples at ``plan.sr``.
    plan : AnalysisPlan
        Sample rate and frames of the analysis.

    See Also
    --------
    AudioFeature : Base class of features.

    Notes
    -----
    Arrays have one row per frame, so that the values of a frame are contiguous in memory. They
    are shared between features: do not change them in place.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Analysis, AnalysisPlan
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype(np.float32)
    >>> analysis = Analysis(tone, AnalysisPlan(sr=8000, n_fft=512, hop_length=80))
    >>> analysis.magnitude.shape
    (101, 257)
    >>> float(analysis.frequencies[analysis.magnitude[50].argmax()])
    437.5
    """

    def __init__(self, y: NDArray[np.float32], plan: AnalysisPlan) -> None:
        self.y = y
        self.plan = plan
        self._kept: dict[Any, Any] = {}

    def __repr__(self) -> str:
        seconds = len(self.y) / self.plan.sr
        return f"<Analysis of {seconds:.2f} s in {self.n_frames} frames: {self.plan}>"

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return _framing.n_frames(len(self.y), self.plan.n_fft, self.plan.hop_length)

    @cached_property
    def magnitude(self) -> NDArray[np.float32]:
        """Magnitude spectrogram of shape (n_frames, 1 + n_fft // 2)."""
        plan = self.plan
        window = window_samples(plan.window, plan.n_fft)
        S = np.empty((self.n_frames, 1 + plan.n_fft // 2), dtype=np.float32)
        for frames, block in _framing.spectra(self.y, plan.n_fft, plan.hop_length, window):
            np.abs(block, out=S[frames])
        return S

    @cached_property
    def power(self) -> NDArray[np.float32]:
        """Power spectrogram of shape (n_frames, 1 + n_fft // 2)."""
        return self.magnitude**2

    @cached_property
    def frequencies(self) -> NDArray[np.float32]:
        """Centre of each bin in Hz, shape (1 + n_fft // 2,)."""
        return np.fft.rfftfreq(self.plan.n_fft, 1 / self.plan.sr).astype(np.float32)

    @_once
    def mel(self, n_mels: int, fmin: float, fmax: float | None) -> NDArray[np.float32]:
        """Compute the mel power spectrogram.

        Parameters
        ----------
        n_mels : int
            Number of mel bands.
        fmin, fmax : float
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency is used.

        Returns
        -------
        mel : ndarray of shape (n_frames, n_mels), dtype=float32
        """
        mel = np.empty((self.n_frames, n_mels), dtype=np.float32)
        for bands, bins, weights in mel_filterbank(
            self.plan.sr, self.plan.n_fft, n_mels, fmin, fmax
        ):
            np.matmul(self.power[:, bins], weights, out=mel[:, bands])
        return mel

    @_once
    def log_mel(self, n_mels: int, fmin: float, fmax: float | None) -> NDArray[np.float32]:
        """Compute the mel power spectrogram in dB, with a dynamic range of at most 80 dB.

        Parameters
        ----------
        n_mels : int
            Number of mel bands.
        fmin, fmax : float
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency is used.

        Returns
        -------
        log_mel : ndarray of shape (n_frames, n_mels), dtype=float32
        """
        return _spectral.to_db(self.mel(n_mels, fmin, fmax))

    @_once
    def mfcc(
        self, n_mfcc: int, n_mels: int, fmin: float, fmax: float | None
    ) -> NDArray[np.float32]:
        """Compute mel-frequency cepstral coefficients.

        Parameters
        ----------
        n_mfcc : int
            Number of coefficients, at most `n_mels`.
        n_mels : int
            Number of mel bands.
        fmin, fmax : float
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency is used.

        Returns
        -------
        mfcc : ndarray of shape (n_frames, n_mfcc), dtype=float32

        Raises
        ------
        ValueError
            If `n_mfcc` exceeds `n_mels`.
        """
        if n_mfcc > n_mels:
            raise ValueError(
                f"n_mfcc={n_mfcc} exceeds n_mels={n_mels}: there are only as many coefficients as "
                "mel bands. Lower n_mfcc, or raise n_mels."
            )
        log_mel = self.log_mel(n_mels, fmin, fmax)
        # Levels share a large offset, of which single precision would leave a trace.
        return (log_mel.astype(np.float64) @ cosine_basis(n_mels, n_mfcc)).astype(np.float32)

    @_once
    def chroma(self, n_chroma: int) -> NDArray[np.float32]:
        """Compute the energy of the pitch classes in the power spectrogram.

        Parameters
        ----------
        n_chroma : int
            Number of pitch classes.

        Returns
        -------
        chroma : ndarray of shape (n_frames, n_chroma), dtype=float32
        """
        tuning = estimate_tuning(self.power, self.plan.sr, n_chroma)
        bank = chroma_filterbank(self.plan.sr, self.plan.n_fft, n_chroma, tuning)
        chroma = self.power @ bank.T
        return _spectral.divided(chroma, chroma.max(axis=1, keepdims=True))

    @cached_property
    def chroma_cqt(self) -> NDArray[np.float32]:
        """Pitch classes of the constant-Q spectrogram, shape (n_frames, 12)."""
        # librosa tunes its constant-Q filters on a spectrogram of default frames.
        tuning_plan = AnalysisPlan(sr=self.plan.sr)
        same = tuning_plan == self.plan
        spectrogram = self if same else Analysis(self.y, tuning_plan)
        tuning = estimate_tuning(spectrogram.magnitude, self.plan.sr, bins_per_octave=36)
        return chroma_cqt(self.y, self.plan.sr, self.plan.hop_length, tuning)

    @cached_property
    def moments(self) -> NDArray[np.float64]:
        """Sums of magnitude times frequency to the powers 0, 1, 2, shape (n_frames, 3)."""
        return _spectral.moments(self.magnitude, self.frequencies)

    @cached_property
    def centroid(self) -> NDArray[np.float32]:
        """Spectral centroid in Hz, shape (n_frames,)."""
        return _spectral.centroid(self.moments)

    @cached_property
    def rms(self) -> NDArray[np.float32]:
        """Root mean square of each frame, shape (n_frames,)."""
        return _framing.rms(self.y, self.plan.n_fft, self.plan.hop_length)

    @cached_property
    def zero_crossing_rate(self) -> NDArray[np.float32]:
        """Fraction of samples at which the sign changes, shape (n_frames,)."""
        return _framing.zero_crossing_rate(self.y, self.plan.n_fft, self.plan.hop_length)

    @cached_property
    def voice(self) -> VoiceAnalysis:
        """Measures of the voice, on separate frames: 10 ms apart, 20 and 60 ms long."""
        return VoiceAnalysis(self.y, self.plan.sr)
