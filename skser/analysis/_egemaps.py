"""Descriptors and functionals of the extended Geneva Minimalistic Acoustic Parameter Set.

F. Eyben et al. 2016, "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research
and Affective Computing", IEEE TAC 7(2). The names are those of version 2 in openSMILE.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from skser.analysis import _functionals
from skser.analysis._level import equivalent_level
from skser.analysis._smoothing import smoothed
from skser.analysis._voice import VoiceAnalysis

Floats = NDArray[np.float32]

LOWEST_NOTE = 27.5
"""Reference frequency of the semitones in Hz."""

_BLOCK_VALUES = 2**18
"""Number of values of contours that are summarised at once."""

_LOUDNESS = "loudness_sma3"
_PITCH = "F0semitoneFrom27.5Hz_sma3nz"
_BALANCE = ("alphaRatio", "hammarbergIndex", "slope0-500", "slope500-1500")
_CEPSTRUM = ("mfcc1", "mfcc2", "mfcc3", "mfcc4")
_QUALITY = (
    "jitterLocal_sma3nz",
    "shimmerLocaldB_sma3nz",
    "HNRdBACF_sma3nz",
    "logRelF0-H1-H2_sma3nz",
    "logRelF0-H1-A3_sma3nz",
    *(
        f"F{n}{measure}_sma3nz"
        for n in (1, 2, 3)
        for measure in ("frequency", "bandwidth", "amplitudeLogRelF0")
    ),
)

DESCRIPTORS = (
    "Loudness_sma3",
    *(f"{name}_sma3" for name in (*_BALANCE, "spectralFlux", *_CEPSTRUM)),
    _PITCH,
    *_QUALITY,
)
"""Names of the 25 descriptors of a frame; those with ``nz`` exist in voiced frames only."""


def _spectral(part: str, *names: str) -> list[str]:
    """Return the names of spectral descriptors of voiced ("V") or unvoiced ("UV") frames."""
    return [
        f"slope{part}{name[5:]}_sma3nz" if name.startswith("slope") else f"{name}{part}_sma3nz"
        for name in names
    ]


def _named(names: Iterable[str], *statistics: str) -> list[str]:
    return [f"{name}_{statistic}" for name in names for statistic in statistics]


_MEAN, _VARIED = ("amean",), ("amean", "stddevNorm")
_DETAILED = (
    *_VARIED,
    "percentile20.0",
    "percentile50.0",
    "percentile80.0",
    "pctlrange0-2",
    "meanRisingSlope",
    "stddevRisingSlope",
    "meanFallingSlope",
    "stddevFallingSlope",
)

FUNCTIONALS = (
    *_named([_PITCH, _LOUDNESS], *_DETAILED),
    *_named([f"{name}_sma3" for name in ("spectralFlux", *_CEPSTRUM)], *_VARIED),
    *_named(_QUALITY, *_VARIED),
    *_named(_spectral("V", *_BALANCE, "spectralFlux", *_CEPSTRUM), *_VARIED),
    *_named(_spectral("UV", *_BALANCE, "spectralFlux"), *_MEAN),
    "loudnessPeaksPerSec",
    "VoicedSegmentsPerSec",
    "MeanVoicedSegmentLengthSec",
    "StddevVoicedSegmentLengthSec",
    "MeanUnvoicedSegmentLength",
    "StddevUnvoicedSegmentLength",
    "equivalentSoundLevel_dBp",
)
"""Names of the 88 values of a clip."""


def descriptors(voice: VoiceAnalysis) -> Floats:
    """Compute the 25 descriptors of every frame, averaged over three frames.

    Parameters
    ----------
    voice : VoiceAnalysis
        Analysis of the clip.

    Returns
    -------
    contours : ndarray of shape (25, n_frames)
        Descriptors in the order of `DESCRIPTORS`; NaN where a value is missing.
    """
    spectral = np.concatenate([voice.loudness[np.newaxis], _spectral_contours(voice)])
    return np.concatenate([smoothed(spectral), smoothed(_voice_contours(voice))])


def functionals(voice: VoiceAnalysis) -> Floats:
    """Compute the 88 functionals of a clip.

    Parameters
    ----------
    voice : VoiceAnalysis
        Analysis of the clip.

    Returns
    -------
    values : ndarray of shape (88,)
        Functionals in the order of `FUNCTIONALS`; 0 if no frame has a value.
    """
    spectral, voice_only = _spectral_contours(voice), _voice_contours(voice)
    missing = np.float32(np.nan)
    contours = np.concatenate(
        [
            voice_only[:1],
            voice.loudness[np.newaxis],
            spectral[len(_BALANCE) :],
            voice_only[1:],
            np.where(voice.voiced, spectral, missing),
            np.where(voice.voiced, missing, spectral[: -len(_CEPSTRUM)]),
        ]
    )
    # All contours at once for a clip of seconds, one after the other for a clip of an hour.
    step = max(1, _BLOCK_VALUES // contours.shape[1])
    varied = np.empty((len(contours), 2))
    for start in range(0, len(contours), step):
        rows = slice(start, start + step)
        contours[rows] = smoothed(contours[rows])
        varied[rows].T[:] = _functionals.mean_and_variation(contours[rows])
    n_unvoiced = len(spectral) - len(_CEPSTRUM)
    detailed = []
    for contour, pair in zip(contours[:2], varied[:2], strict=True):
        slopes = _functionals.slopes(contour, voice.hop_seconds)
        detailed += [pair, _functionals.percentiles(contour), slopes]
    parts = (
        *detailed,
        varied[2:-n_unvoiced].ravel(),
        varied[-n_unvoiced:, 0],
        [_functionals.peaks_per_second(contours[1], voice.hop_seconds)],
        _functionals.rhythm(voice.voiced, voice.hop_seconds),
        [equivalent_level(voice.y)],
    )
    return np.concatenate(parts).astype(np.float32)


def _spectral_contours(voice: VoiceAnalysis) -> Floats:
    """Return the spectral balance, flux and cepstrum; shape (9, n_frames)."""
    balance = voice.alpha_ratio, voice.hammarberg_index, *voice.spectral_slopes
    return np.stack([*balance, voice.spectral_flux, *voice.mfcc])


def _voice_contours(voice: VoiceAnalysis) -> Floats:
    """Return the pitch in semitones and the measures of voice quality; shape (15, n_frames)."""
    measures = (
        12 * np.log2(voice.f0 / np.float32(LOWEST_NOTE)),
        voice.jitter,
        voice.shimmer,
        voice.harmonics_to_noise,
        *voice.harmonic_differences,
    )
    formants = np.stack(voice.formants(3), axis=1).reshape(9, -1)
    return np.concatenate([np.stack(measures), formants])
