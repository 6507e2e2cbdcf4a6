"""Draw the guide's pictures: what each feature, statistic and augmenter makes of one sentence.

The sentence is of the built-in speech, so nothing is downloaded. Pictures that are there already
are not drawn again; ``make clean`` removes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from voice_pictures import LOWER_HALVES, draw_voice, voice_sentence

import skser

_WIDTH = 7.0
"""Inches."""

_LABELS = {
    "ZCR": "share",
    "RMS": "amplitude",
    "MFCC": "coefficient",
    "Chroma": "pitch class",
    "SpectralCentroid": "Hz",
    "SpectralRolloff": "Hz",
    "SpectralContrast": "band",
    "SpectralFlatness": "0 to 1",
    "SpectralBandwidth": "Hz",
    "Tonnetz": "dimension",
    "Mel": "band",
}

_PARAMETERS: dict[str, dict[str, Any]] = {"mel": {"to_db": True}, "landing": {"height": 2.5}}
"""Of drawings that differ from the others of their kind, by the name of the picture."""


def sentence() -> skser.Audio:
    """Return the one sentence that every picture shows."""
    speech = skser.make_emotional_speech(1, 1, emotions=["happy"], random_state=0)
    return speech.data[0]


def frames(feature: Any, clip: skser.Audio) -> np.ndarray:
    """Return a feature's coefficients, (n_coefficients, n_frames)."""
    values = feature.set_params(pooling=None).fit_transform([clip])[0]
    return values.reshape(feature.n_coefficients_, feature.n_frames_)


def standardised(values: np.ndarray) -> np.ndarray:
    """Return each coefficient in deviations from its mean over the clip."""
    return (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)


def draw_feature(
    name: str, clip: skser.Audio, *, height: float = 3.6, **parameters: Any
) -> plt.Figure:
    """Draw a feature's frames below the spectrogram they come from."""
    values = frames(getattr(skser, name)(**parameters), clip)
    figure, (above, below) = plt.subplots(
        2, figsize=(_WIDTH, height), sharex=True, layout="constrained"
    )
    skser.SpectrogramDisplay.from_item(clip).plot(above, colorbar=False)
    above.set(title="", xlabel="", ylabel="Hz (mel scale)")
    if height < 3:
        above.set(yticks=[], ylabel="mel bands")
    n_coefficients, n_frames = values.shape
    times = np.arange(n_frames) * 512 / 22050
    if n_coefficients == 1:
        below.plot(times, values[0])
        below.set_ylim(bottom=0)
    else:
        step, first = times[1], 0.5
        style: dict[str, Any] = {}
        if name == "MFCC":
            # The first coefficient is the level. The others differ in size, so each is
            # standardised, or all but two would look alike.
            values, first = standardised(values[1:]), 1.5
            style = {"cmap": "RdBu_r", "vmin": -2.5, "vmax": 2.5}
        extent = (-step / 2, times[-1] + step / 2, first, n_coefficients + 0.5)
        image = below.imshow(
            values, aspect="auto", origin="lower", extent=extent, interpolation="nearest", **style
        )
        figure.colorbar(image, ax=below, label="standardised" if name == "MFCC" else None)
    if name == "Chroma":
        below.set_yticks(range(1, 13, 2), ["C", "D", "E", "F♯", "G♯", "A♯"])
    below.set(xlabel="time (s)", ylabel=_LABELS[name])
    return figure


def draw_images(clip: skser.Audio) -> plt.Figure:
    """Draw the three kinds of image side by side."""
    figure, axes = plt.subplots(1, 3, figsize=(_WIDTH, 2.4), layout="constrained")
    for ax, leaf in zip(axes, [skser.Mel2D(), skser.MFCC2D(), skser.MelImage()], strict=True):
        image = leaf.fit_transform([clip])[0]
        origin = "upper" if image.ndim == 3 else "lower"
        ax.imshow(image, aspect="auto", origin=origin, interpolation="nearest")
        size = " x ".join(str(n) for n in image.shape)
        ax.set(title=f"{type(leaf).__name__}, {size}", xticks=[], yticks=[])
    return figure


def draw_pooling(clip: skser.Audio) -> plt.Figure:
    """Draw the frames of one coefficient, and what the statistics make of them."""
    values = frames(skser.SpectralCentroid(), clip)[0]
    times = np.arange(len(values)) * 512 / 22050
    figure, ax = plt.subplots(figsize=(_WIDTH, 3), layout="constrained")
    ax.plot(times, values, color="0.4", label="frames")
    for name, colour in [("mean", "C0"), ("p05", "C1"), ("p95", "C2"), ("max", "C3")]:
        feature = skser.SpectralCentroid(pooling=name)
        ax.axhline(feature.fit_transform([clip])[0, 0], color=colour, label=name)
    ax.set(xlabel="time (s)", ylabel="spectral centroid (Hz)", ylim=(0, None))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return figure


def draw_augmentation(clip: skser.Audio) -> plt.Figure:
    """Draw the sentence as it is, and as each augmenter changes it."""
    changed = {
        "as it is": None,
        "AddNoise(snr=10)": skser.AddNoise(snr=10, random_state=0),
        "TimeStretch(rate=0.8)": skser.TimeStretch(rate=0.8, random_state=0),
        "PitchShift(n_steps=4)": skser.PitchShift(n_steps=4, random_state=0),
        "SpeedPerturbation(rate=1.25)": skser.SpeedPerturbation(rate=1.25, random_state=0),
        "TimeShift(shift=0.3)": skser.TimeShift(shift=0.3, random_state=0),
        "Gain(gain=-20)": skser.Gain(gain=-20, random_state=0),
        "Compose([PitchShift(4), AddNoise(10)])": skser.Compose(
            [skser.PitchShift(4), skser.AddNoise(10)], random_state=0
        ),
    }
    figure, axes = plt.subplots(4, 2, figsize=(_WIDTH, 7.5), layout="constrained", sharey=True)
    for ax, (title, augmenter) in zip(axes.flat, changed.items(), strict=True):
        item = clip if augmenter is None else skser.Audio(augmenter(clip.y, clip.sr), clip.sr)
        # One scale of colours for all, or the quiet copy would look like the clip.
        skser.SpectrogramDisplay.from_item(item).plot(ax, colorbar=False, vmin=-60, vmax=20)
        ax.set_title(title, fontsize=9)
        ax.set(xlabel="", ylabel="", xlim=(0, 2.1), yticks=[])
    figure.supxlabel("time (s)", fontsize=9)
    return figure


def draw_timeline() -> plt.Figure:
    """Draw what a small model says of three sentences in a row, with a pause in between."""
    speech = skser.make_emotional_speech(6, 4, emotions=["angry", "happy", "sad"], random_state=0)
    train = speech.groups != speech.groups[0]
    features = skser.make_audio_union(skser.MFCC(20, pooling=["mean", "std"]), skser.RMS())
    pipeline = make_pipeline(features, StandardScaler(), LogisticRegression(C=0.01))
    model = skser.SegmentClassifier(pipeline, window=1.0, hop=0.5)
    model.fit(speech.data[train], speech.target[train])
    sounds = []
    for emotion in ("sad", "angry", "happy"):
        said = speech.data[~train & (speech.target == emotion)]
        sounds += [*(clip.y for clip in said), np.zeros(2 * 22050)]
    recording = skser.Audio(np.concatenate(sounds[:-1]), 22050)
    table = skser.timeline(model, recording, hop=0.5, smooth=3.0)
    display = skser.TimelineDisplay.from_predictions(table, recording).plot()
    return display.figure_


def draw_waveform(clip: skser.Audio) -> plt.Figure:
    """Draw the samples."""
    figure, ax = plt.subplots(figsize=(_WIDTH, 2), layout="constrained")
    skser.WaveformDisplay.from_item(clip).plot(ax)
    return figure


def draw_spectrogram(clip: skser.Audio) -> plt.Figure:
    """Draw the mel spectrogram."""
    figure, ax = plt.subplots(figsize=(_WIDTH, 3), layout="constrained")
    skser.SpectrogramDisplay.from_item(clip, n_mels=64).plot(ax)
    return figure


def draw_pitch(clip: skser.Audio) -> plt.Figure:
    """Draw pitch and formants."""
    figure, ax = plt.subplots(figsize=(_WIDTH, 3.4), layout="constrained")
    skser.PitchDisplay.from_item(clip).plot(ax)
    return figure


def draw_classes() -> plt.Figure:
    """Draw a clip of each emotion."""
    return skser.plot_classes(skser.make_emotional_speech(2, 1, random_state=0), n_columns=3)


def draw_corpus() -> plt.Figure:
    """Draw what a corpus holds."""
    speech = skser.make_emotional_speech(random_state=0)
    return skser.CorpusDisplay.from_corpus(speech).plot().figure_


def write_pictures(app: Any, config: Any) -> None:
    """Draw the pictures that are missing."""
    folder = Path(app.srcdir, "pictures")
    folder.mkdir(exist_ok=True)
    clip = sentence()
    voice = voice_sentence()
    drawings = {name.lower(): (draw_feature, (name, clip)) for name in _LABELS}
    drawings |= {name: (draw_voice, (name, voice)) for name in LOWER_HALVES}
    drawings |= {
        "landing": (draw_feature, ("MFCC", clip)),
        "images": (draw_images, (clip,)),
        "pooling": (draw_pooling, (clip,)),
        "augmentation": (draw_augmentation, (clip,)),
        "timeline": (draw_timeline, ()),
        "waveform": (draw_waveform, (clip,)),
        "spectrogram": (draw_spectrogram, (clip,)),
        "pitchdisplay": (draw_pitch, (clip,)),
        "classes": (draw_classes, ()),
        "corpus": (draw_corpus, ()),
    }
    for name, (draw, arguments) in drawings.items():
        file = folder / f"{name}.png"
        if not file.exists():
            figure = draw(*arguments, **_PARAMETERS.get(name, {}))
            figure.savefig(file, dpi=130)
            plt.close(figure)


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("config-inited", write_pictures)
    return {"parallel_read_safe": True}
