"""Spectral descriptors of the voice against Praat's formants and openSMILE's eGeMAPSv02.

Prints Pearson's r of the mean formants of clips with Praat's (Burg, 25 ms; maximum formant 5000 Hz
for men and 5500 Hz for women, as its manual advises, and 5500 Hz for everyone), over the frames
that Praat finds voiced and with its F0; Spearman's r of functionals with openSMILE's, over the
frames that openSMILE finds voiced; and processor time. openSMILE reads samples of 16 bits, so
every descriptor is computed from samples rounded as it does. Constants of the formants were chosen
on synthetic vowels and on the speakers at even places of the sorted list; conventions of the other
descriptors, such as which bin a band begins at, on clips of all speakers.

The peers are installed apart (``pip install praat-parselmouth opensmile``); what is missing is
named and left out.
Run: ``python benchmarks/bench_voice_spectrum.py [--clips 300] [--praat-clips 100]``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from _common import keep, ravdess_corpus, ravdess_folder

import numpy as np  # isort: skip
from scipy.stats import spearmanr  # isort: skip

from skser import LoadAudio, load_emo_db  # isort: skip
from skser.analysis import (  # isort: skip
    _formants,
    _functionals,
    _level,
    _loudness,
    _smoothing,
    _spectral_balance,
)

from skser.analysis._speech_spectrum import SpeechFrames, power_blocks  # isort: skip

SR = 16000
FRAMES = SpeechFrames(sr=SR)
HOP = 0.01
DESCRIPTORS = [
    "loudness", "alphaRatio", "hammarbergIndex", "slope0-500", "slope500-1500", "spectralFlux",
    "mfcc1", "mfcc2", "mfcc3", "mfcc4",
]  # fmt: skip
F0_SEMITONES = "F0semitoneFrom27.5Hz_sma3nz"
MEN_OF_EMO_DB = {"03", "10", "11", "12", "15"}


def corpora() -> tuple[list[str], list[str], list[bool]]:
    """Return paths, speakers, and whether these are men."""
    ravdess = ravdess_corpus()
    paths = [str(path) for path in ravdess.data]
    speakers = [f"ravdess {group:>02}" for group in map(str, ravdess.groups)]
    folder = ravdess_folder()
    if folder is not None and (folder.parent / "emodb").is_dir():
        emo_db = load_emo_db(folder.parent / "emodb")
        paths += [str(path) for path in emo_db.data]
        speakers += [f"emodb {group:>02}" for group in map(str, emo_db.groups)]
    men = [
        speaker[-2:] in MEN_OF_EMO_DB if speaker.startswith("emodb") else int(speaker[-2:]) % 2 == 1
        for speaker in speakers
    ]
    return paths, speakers, men


def samples(path: str) -> np.ndarray:
    y = LoadAudio(sr=SR).transform([path])[0].y
    return ((y * 32767).astype(np.int16) / np.float32(32768)).astype(np.float32)


def descriptors(y: np.ndarray) -> np.ndarray:
    """Return `DESCRIPTORS` of each frame; shape (10, n_frames)."""
    rows, previous, hertz = [], None, FRAMES.frequencies
    for _, power in power_blocks(y, FRAMES):
        bands = _loudness.band_powers(power, SR)
        auditory = _loudness.auditory_spectrum(bands, SR, FRAMES.n_fft)
        columns = [
            _loudness.loudness(auditory),
            _spectral_balance.alpha_ratio(power, hertz),
            _spectral_balance.hammarberg_index(power, hertz),
            _spectral_balance.spectral_slope(power, hertz, 0, 500),
            _spectral_balance.spectral_slope(power, hertz, 500, 1500),
            _spectral_balance.spectral_flux(power, hertz, previous),
            _loudness.mfcc(bands),
        ]
        rows.append(np.column_stack(columns))
        previous = power[-1]
    return np.concatenate(rows).T


def formants(y: np.ndarray, f0: np.ndarray) -> _formants.Formants:
    parts = [
        _formants.predictors(power, FRAMES.frequencies, f0[which])
        for which, power in power_blocks(y, FRAMES)
    ]
    return _formants.formants(_formants.joined(parts))


def functionals(y: np.ndarray, voiced: np.ndarray) -> dict[str, float]:
    """Return the functionals of eGeMAPSv02 that need the 20 ms spectrum, under its names."""
    values = descriptors(y)
    everywhere = _smoothing.smoothed(values)
    where_voiced = _smoothing.smoothed(values, ~voiced)
    where_unvoiced = _smoothing.smoothed(values, voiced)
    result: dict[str, float] = {}

    def put(name: str, contour: np.ndarray, varied: bool = True) -> None:
        average, variation = _functionals.mean_and_variation(contour)
        result[f"{name}_amean"] = float(average)
        if varied:
            result[f"{name}_stddevNorm"] = float(variation)

    loudness = everywhere[0]
    put("loudness_sma3", loudness)
    names = ["percentile20.0", "percentile50.0", "percentile80.0", "pctlrange0-2"]
    names += ["meanRisingSlope", "stddevRisingSlope", "meanFallingSlope", "stddevFallingSlope"]
    described = [*_functionals.percentiles(loudness), *_functionals.slopes(loudness, HOP)]
    result |= {
        f"loudness_sma3_{name}": float(value) for name, value in zip(names, described, strict=True)
    }
    result["loudnessPeaksPerSec"] = _functionals.peaks_per_second(loudness, HOP)
    for i, name in enumerate(DESCRIPTORS[1:], start=1):
        stem, suffix = ("slope", name.removeprefix("slope")) if "slope" in name else (name, "")
        if i >= 5:
            put(f"{name}_sma3", everywhere[i])
        put(f"{stem}V{suffix}_sma3nz", where_voiced[i])
        if i <= 5:
            put(f"{stem}UV{suffix}_sma3nz", where_unvoiced[i], varied=False)
    result["equivalentSoundLevel_dBp"] = _level.equivalent_level(y)
    return result


def against_opensmile(paths: Sequence[str]) -> dict[str, Any]:
    import opensmile

    levels = opensmile.FeatureLevel
    whole, frames = (
        opensmile.Smile(
            feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=level, num_workers=1
        )
        for level in (levels.Functionals, levels.LowLevelDescriptors)
    )
    # The first clip makes filter banks and imports librosa.
    functionals(samples(paths[0]), np.zeros(1 + len(samples(paths[0])) // FRAMES.hop_length, bool))
    ours, theirs, quieter, spent = [], [], [], np.zeros(2)
    for path in paths:
        y = samples(path)
        began = time.process_time()
        theirs.append(whole.process_signal(y, SR).iloc[0].to_dict())
        spent[1] += time.process_time() - began
        semitones = frames.process_signal(y, SR)[F0_SEMITONES].to_numpy()
        # Its first frame of 20 ms is centred at 10 ms, where our second one is.
        voiced = np.zeros(1 + len(y) // FRAMES.hop_length, dtype=bool)
        count = min(len(semitones), len(voiced) - 1)
        voiced[1 : 1 + count] = semitones[:count] > 0
        f0 = np.full(len(voiced), np.nan, dtype=np.float32)
        f0[1 : 1 + count] = 27.5 * 2 ** (semitones[:count] / 12)
        f0[~voiced] = np.nan
        began = time.process_time()
        ours.append(functionals(y, voiced))
        formants(y, f0)
        spent[0] += time.process_time() - began
        if len(quieter) < 30:
            tenth = whole.process_signal(y / 10, SR).iloc[0].to_dict()
            quieter.append((theirs[-1], tenth, ours[-1], functionals(y / 10, voiced)))
    table = {
        name: float(spearmanr([row[name] for row in ours], [row[name] for row in theirs])[0])
        for name in ours[0]
    }
    print(f"\nSpearman's r with openSMILE's eGeMAPSv02, {len(paths)} clips")
    for name, r in table.items():
        print(f"  {name:42s} {r:6.3f}")
    print(f"  at least .99: {sum(r >= 0.99 for r in table.values())} of {len(table)}")
    slopes = ["slopeV0-500_sma3nz_amean", "slopeV500-1500_sma3nz_amean"]
    print("\nMedian change of a slope in dB per kHz when a clip is 20 dB softer: openSMILE, ours")
    changes = {}
    for name in slopes:
        pairs = [(b[name] - a[name], d[name] - c[name]) for a, b, c, d in quieter]
        changes[name] = (1000 * np.median(pairs, axis=0)).tolist()
        print(f"  {name:42s} {changes[name][0]:6.2f} {changes[name][1]:6.2f}")
    milliseconds = 1000 * spent / len(paths)
    print(
        f"\nprocessor time a clip: all of the 20 ms analysis {milliseconds[0]:.1f} ms, "
        f"openSMILE's 88 functionals {milliseconds[1]:.1f} ms"
    )
    return {"spearman": table, "softer": changes, "ms": milliseconds.tolist()}


def praat_formants(y: np.ndarray, highest: float, times: np.ndarray) -> np.ndarray:
    import parselmouth

    sound = parselmouth.Sound(y.astype(float), SR)
    track = sound.to_formant_burg(time_step=HOP, maximum_formant=highest)
    rows = [[track.get_value_at_time(i, t) for t in times] for i in (1, 2, 3)]
    return np.nanmean(rows, axis=1)


def against_praat(paths: Sequence[str], men: Sequence[bool], tuned: Sequence[bool]) -> dict:
    import parselmouth

    kept, ours, advised, everyone = [], [], [], []
    for path, man, seen in zip(paths, men, tuned, strict=True):
        y = samples(path)
        times = np.arange(1 + len(y) // FRAMES.hop_length) * HOP
        pitch = parselmouth.Sound(y.astype(float), SR).to_pitch(time_step=HOP)
        f0 = np.array([pitch.get_value_at_time(t) for t in times], dtype=np.float32)
        voiced = ~np.isnan(f0)
        if voiced.sum() < 10:
            continue
        kept.append(seen)
        ours.append(np.nanmean(formants(y, f0).frequency, axis=1))
        advised.append(praat_formants(y, 5000.0 if man else 5500.0, times[voiced]))
        everyone.append(praat_formants(y, 5500.0, times[voiced]))
    result = {}
    print("\nPearson's r of mean F1, F2, F3 with Praat's")
    for label, chosen in [("chosen on", np.array(kept)), ("held out", ~np.array(kept))]:
        for setting, reference in [("by sex", advised), ("5500 Hz", everyone)]:
            a, b = np.array(ours)[chosen], np.array(reference)[chosen]
            r = [float(np.corrcoef(a[:, i], b[:, i])[0, 1]) for i in range(3)]
            result[f"{label}, {setting}"] = r
            numbers = " ".join(f"{value:.3f}" for value in r)
            print(f"  speakers {label:9s} ({chosen.sum()} clips), Praat {setting:8s} {numbers}")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--praat-clips", type=int, default=100)
    options = parser.parse_args()
    paths, speakers, men = corpora()
    tuning = set(sorted(set(speakers))[::2])
    order = np.random.default_rng(0).permutation(len(paths))
    result: dict[str, Any] = {}
    try:
        half = options.praat_clips // 2
        seen = [i for i in order if speakers[i] in tuning][:half]
        unseen = [i for i in order if speakers[i] not in tuning][:half]
        chosen = seen + unseen
        result["praat"] = against_praat(
            [paths[i] for i in chosen],
            [men[i] for i in chosen],
            [speakers[i] in tuning for i in chosen],
        )
    except ImportError as error:
        print(f"Praat left out: {error}. See benchmarks/requirements.txt.")
    try:
        result["opensmile"] = against_opensmile([paths[i] for i in order[: options.clips]])
    except ImportError as error:
        print(f"openSMILE left out: {error}. See benchmarks/requirements.txt.")
    keep("voice_spectrum", result)


if __name__ == "__main__":
    main()
