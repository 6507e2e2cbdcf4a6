"""Draw what each feature of the voice makes of one sentence, for its page of the guide."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.signal import find_peaks

import skser
from skser.analysis._functionals import PEAK_PROMINENCE
from skser.analysis._smoothing import smoothed

_WIDTH = 7.0
"""Inches."""

_SR = 16000

Measure = Callable[[skser.VoiceAnalysis], np.ndarray]


def voice_sentence() -> skser.Audio:
    """Return the sentence of the other pictures, said by a man, whose harmonics lie closer."""
    speech = skser.make_emotional_speech(2, 1, emotions=["happy"], random_state=0)
    return speech.data[1]


def _curves(
    ax: Axes,
    voice: skser.VoiceAnalysis,
    measure: Measure,
    unit: str,
    names: tuple[str, ...] = (),
    colours: tuple[str, ...] = ("C0", "C1"),
) -> None:
    """Draw coefficients that exist in voiced frames only."""
    times = _times(voice)
    for i, track in enumerate(np.atleast_2d(measure(voice))):
        ax.plot(times, track, color=colours[i], label=names[i] if names else None)
    if names:
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.set_ylabel(unit)


def _speech_curves(
    ax: Axes, voice: skser.VoiceAnalysis, measure: Measure, unit: str, names: tuple[str, ...] = ()
) -> None:
    """Draw coefficients that exist in all frames: coloured where voiced, grey elsewhere."""
    times, tracks = _times(voice), np.atleast_2d(measure(voice))
    for i, track in enumerate(tracks):
        label = names[i] if names else "voiced"
        ax.plot(times, np.where(voice.voiced, track, np.nan), color=f"C{i}", label=label)
    for i, track in enumerate(tracks):
        ax.plot(times, track, color="0.7", label=None if i else "unvoiced", zorder=1)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.set_ylabel(unit)


def _draw_rhythm(ax: Axes, voice: skser.VoiceAnalysis) -> None:
    loudness = smoothed(voice.loudness)
    peaks, _ = find_peaks(loudness, prominence=PEAK_PROMINENCE * np.ptp(loudness))
    times = _times(voice)
    ax.plot(times, loudness, color="0.4", label="loudness")
    ax.plot(times[peaks], loudness[peaks], "o", color="C1", label="peaks")
    ax.fill_between(
        times,
        0,
        1,
        where=voice.voiced,
        transform=ax.get_xaxis_transform(),
        color="C0",
        alpha=0.15,
        linewidth=0,
        label="voiced",
    )
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.set_ylabel("loudness")


def _times(voice: skser.VoiceAnalysis) -> np.ndarray:
    return np.arange(voice.n_frames) * voice.hop_seconds


LOWER_HALVES: dict[str, Callable[[Axes, skser.VoiceAnalysis], None]] = {
    "pitch": partial(_curves, measure=lambda v: 12 * np.log2(v.f0 / 27.5), unit="semitones"),
    "jitter": partial(_curves, measure=lambda v: 100 * v.jitter, unit="%"),
    "shimmer": partial(_curves, measure=lambda v: v.shimmer, unit="dB"),
    "hnr": partial(_curves, measure=lambda v: v.harmonics_to_noise, unit="dB"),
    "formants": partial(
        _curves,
        measure=lambda v: v.formants()[2],
        unit="amplitude (dB)",
        names=("F1", "F2", "F3"),
        colours=("C1", "C2", "C3"),  # as the dots above
    ),
    "harmonicdifference": partial(
        _curves, measure=lambda v: v.harmonic_differences, unit="dB", names=("H1-H2", "H1-A3")
    ),
    "loudness": partial(_speech_curves, measure=lambda v: v.loudness, unit="loudness"),
    "alpharatio": partial(_speech_curves, measure=lambda v: v.alpha_ratio, unit="dB"),
    "hammarbergindex": partial(_speech_curves, measure=lambda v: v.hammarberg_index, unit="dB"),
    "spectralslope": partial(
        _speech_curves,
        measure=lambda v: 1000 * v.spectral_slopes,
        unit="dB per kHz",
        names=("below 500 Hz", "500 to 1500 Hz"),
    ),
    "spectralflux": partial(_speech_curves, measure=lambda v: v.spectral_flux, unit="flux"),
    "speechrhythm": _draw_rhythm,
}
"""What is drawn below the spectrogram, by the name of the picture."""


def draw_voice(name: str, clip: skser.Audio) -> plt.Figure:
    """Draw a feature of the voice below the spectrogram of the clip, with its pitch."""
    y = skser.LoadAudio(sr=_SR).fit_transform([clip])[0].y
    figure, (above, below) = plt.subplots(
        2, figsize=(_WIDTH, 3.8), sharex=True, layout="constrained", height_ratios=(3, 2)
    )
    display = skser.PitchDisplay.from_item(clip, sr=_SR, n_formants=3 * (name == "formants"))
    display.plot(above)
    above.set(title="", xlabel="", ylabel="Hz")
    LOWER_HALVES[name](below, skser.VoiceAnalysis(y, _SR))
    below.set_xlabel("time (s)")
    return figure
