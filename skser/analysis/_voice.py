from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from skser.analysis import _formants, _loudness, _spectral_balance
from skser.analysis._harmonicity import harmonics_to_noise
from skser.analysis._harmonics import formant_levels, harmonic_levels
from skser.analysis._long_spectra import LongSpectra
from skser.analysis._perturbation import jitter_and_shimmer
from skser.analysis._pitch import Pitch, track_pitch
from skser.analysis._speech_spectrum import SpeechFrames, power_blocks

Floats = NDArray[np.float32]

_KEPT = 4096
"""Number of frames whose power spectra are kept: 41 s, about 4 MB at 16 kHz."""
_SLOPE_BANDS = (0.0, 500.0), (500.0, 1500.0)


class VoiceAnalysis:
    """Measures of the voice of one clip; each is computed at most once, when it is first needed.

    Features access it as `Analysis.voice`. Its frames are independent of those of the analysis:
    they are 10 ms apart, 20 ms long for the spectral balance, loudness and formants, and 60 ms
    long for pitch, noise and harmonics. Frame t is centred at ``t * hop_seconds``.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), dtype=float32
        Mono samples.
    sr : float
        Sample rate in Hz, at least 8000.

    Raises
    ------
    ValueError
        If the sample rate is below 8000 Hz.

    See Also
    --------
    Analysis : Spectra of one clip.

    Notes
    -----
    A value that does not exist in a frame is NaN: the fundamental frequency of an unvoiced frame,
    or the spectral slope of silence. Arrays are shared between features: do not change them in
    place.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import VoiceAnalysis
    >>> phase = 120 * np.arange(16000) / 16000
    >>> voice = VoiceAnalysis(np.float32(phase % 1 - 0.5), sr=16000)
    >>> voice.n_frames
    101
    >>> round(float(np.nanmedian(voice.f0)))
    120
    """

    def __init__(self, y: Floats, sr: float) -> None:
        self.y = y
        self.sr = sr
        self._frames = SpeechFrames(sr=sr)
        self._long = LongSpectra(y, sr, self._frames.hop_length)
        self._kept_power: list[tuple[slice, Floats]] | None = None
        self._kept_bands: list[Floats] | None = None
        self._kept_formants: dict[int, tuple[Floats, Floats, Floats]] = {}

    def __repr__(self) -> str:
        seconds = len(self.y) / self.sr
        return f"<VoiceAnalysis of {seconds:.2f} s at {self.sr:g} Hz in {self.n_frames} frames>"

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return self._long.n_frames

    @property
    def hop_seconds(self) -> float:
        """Time from one frame to the next in seconds."""
        return self._frames.hop_length / self.sr

    @property
    def _power(self) -> Iterable[tuple[slice, Floats]]:
        """Power spectra of the 20 ms frames; those of a long clip are computed each time."""
        if self.n_frames > _KEPT:
            return power_blocks(self.y, self._frames)
        if self._kept_power is None:
            # Join the blocks: for a few seconds of sound, the calls take as long as the arithmetic.
            blocks = [power for _, power in power_blocks(self.y, self._frames)]
            self._kept_power = [(slice(0, self.n_frames), np.concatenate(blocks))]
        return self._kept_power

    def _over_power(self, measure: Callable[[Floats], Floats]) -> Floats:
        return np.concatenate([measure(power) for _, power in self._power])

    @cached_property
    def _pitch(self) -> Pitch:
        return track_pitch(self._long)

    @property
    def f0(self) -> Floats:
        """Fundamental frequency in Hz, shape (n_frames,); NaN in unvoiced frames."""
        return self._pitch.f0

    @property
    def voicing(self) -> Floats:
        """Strength of the voice in every frame, 0 to 1, shape (n_frames,)."""
        return self._pitch.voicing

    @cached_property
    def voiced(self) -> NDArray[np.bool_]:
        """Whether each frame is voiced, shape (n_frames,)."""
        return ~np.isnan(self.f0)

    @cached_property
    def harmonics_to_noise(self) -> Floats:
        """Harmonics-to-noise ratio in dB, shape (n_frames,); NaN in unvoiced frames."""
        return harmonics_to_noise(self._long, self.f0)

    @cached_property
    def _perturbation(self) -> tuple[Floats, Floats]:
        return jitter_and_shimmer(self._long, self.f0)

    @property
    def jitter(self) -> Floats:
        """Local jitter as a fraction of the period, shape (n_frames,); NaN in unvoiced frames."""
        return self._perturbation[0]

    @property
    def shimmer(self) -> Floats:
        """Local shimmer in dB, shape (n_frames,); NaN in unvoiced frames."""
        return self._perturbation[1]

    @cached_property
    def _predictors(self) -> _formants.Predictors:
        frequencies = self._frames.frequencies
        return _formants.joined(
            [
                _formants.predictors(power, frequencies, self.f0[which])
                for which, power in self._power
            ]
        )

    def formants(self, n_formants: int = 3) -> tuple[Floats, Floats, Floats]:
        """Find the formants of the voiced frames.

        Parameters
        ----------
        n_formants : int, default=3
            Number of formants.

        Returns
        -------
        frequency : ndarray of shape (n_formants, n_frames)
            Frequency in Hz; NaN where a frame has no such formant.
        bandwidth : ndarray of shape (n_formants, n_frames)
            Bandwidth in Hz.
        amplitude : ndarray of shape (n_formants, n_frames)
            Level in dB of the strongest harmonic next to the formant, relative to the level of
            the first harmonic.

        Raises
        ------
        ValueError
            If the model of the vocal tract has fewer than `n_formants` at this sample rate.
        """
        if n_formants not in self._kept_formants:
            highest = (self._predictors.coefficients.shape[-1] - 1) // 2
            if n_formants > highest:
                raise ValueError(
                    f"n_formants={n_formants} exceeds the {highest} formants that can be found at "
                    f"sr={self.sr} Hz: one per 1000 Hz, up to 5000 Hz or sr / 2. Lower "
                    "n_formants, or raise sr."
                )
            frequency, bandwidth = _formants.formants(self._predictors, n_formants)
            levels = formant_levels(self._long, self.f0, frequency.T)
            amplitude = levels - self._harmonic_levels[:, :1]
            self._kept_formants[n_formants] = frequency, bandwidth, amplitude.T
        return self._kept_formants[n_formants]

    @cached_property
    def _harmonic_levels(self) -> Floats:
        return harmonic_levels(self._long, self.f0, (1, 2))

    @cached_property
    def harmonic_differences(self) -> Floats:
        """H1-H2 and H1-A3 in dB, shape (2, n_frames); NaN in unvoiced frames."""
        first, second = self._harmonic_levels.T
        _, _, amplitude = self.formants()
        return np.stack([first - second, -amplitude[2]])

    @property
    def _bands(self) -> Iterable[Floats]:
        """Powers of the mel bands, block by block; those of a long clip are not kept."""
        if self.n_frames > _KEPT:
            return (_loudness.band_powers(power, self.sr) for _, power in self._power)
        if self._kept_bands is None:
            self._kept_bands = [_loudness.band_powers(power, self.sr) for _, power in self._power]
        return self._kept_bands

    @cached_property
    def loudness(self) -> Floats:
        """Sum of the auditory spectrum, shape (n_frames,)."""
        auditory = partial(_loudness.auditory_spectrum, sr=self.sr, n_fft=self._frames.n_fft)
        return np.concatenate([_loudness.loudness(auditory(bands)) for bands in self._bands])

    @cached_property
    def mfcc(self) -> Floats:
        """Mel-frequency cepstral coefficients 1 to 4 of speech, shape (4, n_frames)."""
        return np.concatenate([_loudness.mfcc(bands) for bands in self._bands]).T

    @cached_property
    def alpha_ratio(self) -> Floats:
        """Energy from 1 to 5 kHz over that from 50 to 1000 Hz in dB, shape (n_frames,)."""
        frequencies = self._frames.frequencies
        return self._over_power(lambda power: _spectral_balance.alpha_ratio(power, frequencies))

    @cached_property
    def hammarberg_index(self) -> Floats:
        """Peak below 2 kHz over that from 2 to 5 kHz in dB, shape (n_frames,)."""
        frequencies = self._frames.frequencies
        return self._over_power(
            lambda power: _spectral_balance.hammarberg_index(power, frequencies)
        )

    @cached_property
    def spectral_slopes(self) -> Floats:
        """Spectral slopes from 0 to 500 and 500 to 1500 Hz in dB per Hz, shape (2, n_frames)."""
        frequencies = self._frames.frequencies
        slope = _spectral_balance.spectral_slope
        first, second = (
            self._over_power(partial(slope, frequencies=frequencies, low=low, high=high))
            for low, high in _SLOPE_BANDS
        )
        return np.stack([first, second])

    @cached_property
    def spectral_flux(self) -> Floats:
        """Change of the magnitude spectrum since the previous frame, shape (n_frames,)."""
        parts, previous = [], None
        for _, power in self._power:
            flux = _spectral_balance.spectral_flux(power, self._frames.frequencies, previous)
            parts.append(flux)
            previous = power[-1]
        return np.concatenate(parts)
