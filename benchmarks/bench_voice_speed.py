"""The voice beside librosa.pyin, Praat and openSMILE, on clips of 3 s at 16 kHz.

Pitch alone; pitch with harmonics-to-noise ratio, harmonics, jitter and shimmer; EGeMAPS beside
openSMILE's eGeMAPSv02 on the same samples; and EGeMAPS in a union with ten spectral features beside
both apart. One thread, CPU time; all take turns. A peer is left out where it is not installed:
``pip install -r benchmarks/requirements.txt``. Run: ``python benchmarks/bench_voice_speed.py``.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

from _common import clips, keep, median_ratio, take_turns, ten_features

import numpy as np  # isort: skip

from skser import Audio, EGeMAPS, as_items, make_audio_union  # isort: skip
from skser.analysis._harmonicity import harmonics_to_noise  # isort: skip
from skser.analysis._harmonics import formant_levels, harmonic_levels  # isort: skip
from skser.analysis._long_spectra import LongSpectra  # isort: skip
from skser.analysis._perturbation import jitter_and_shimmer  # isort: skip
from skser.analysis._pitch import track_pitch  # isort: skip

SR, HOP, SECONDS = 16000, 160, 3
FORMANTS = np.float32([500, 1500, 2500])
OPENSMILE = "openSMILE's eGeMAPSv02"


def pitch(y: np.ndarray) -> None:
    track_pitch(LongSpectra(y, SR, HOP))


def voice(y: np.ndarray) -> None:
    frames = LongSpectra(y, SR, HOP)
    f0 = track_pitch(frames).f0
    harmonics_to_noise(frames, f0)
    harmonic_levels(frames, f0, (1, 2))
    formant_levels(frames, f0, np.tile(FORMANTS, (len(f0), 1)))
    jitter_and_shimmer(frames, f0)


def pyin(y: np.ndarray) -> None:
    import librosa

    librosa.pyin(y, fmin=55, fmax=1000, sr=SR, hop_length=HOP, frame_length=1024)


def praat() -> Callable[[np.ndarray], Any]:
    import parselmouth

    return lambda y: parselmouth.Sound(y.astype(np.float64), SR).to_pitch()


def praat_at_our_frames() -> Callable[[np.ndarray], Any]:
    import parselmouth

    return lambda y: parselmouth.Sound(y.astype(np.float64), SR).to_pitch(
        time_step=HOP / SR, pitch_floor=55.0, pitch_ceiling=1000.0
    )


def opensmile() -> Callable[[np.ndarray], Any]:
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
        num_workers=1,
    )
    return lambda y: smile.process_signal(y, SR)


def estimators(sample: np.ndarray) -> dict[str, Callable[[list[np.ndarray]], Any]]:
    """Return EGeMAPS, ten spectral features, and all in one union, at one sample rate."""
    clip = as_items([Audio(sample, SR)])
    fitted = {
        "EGeMAPS": EGeMAPS().fit(clip),
        "ten spectral features": make_audio_union(*ten_features(), sr=SR).fit(clip),
        "EGeMAPS and the ten": make_audio_union(*ten_features(), EGeMAPS(), sr=SR).fit(clip),
    }
    return {
        name: lambda chunk, each=each: each.transform(as_items([Audio(y, SR) for y in chunk]))
        for name, each in fitted.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-pyin", action="store_true", help="leave the slowest out")
    arguments = parser.parse_args()

    samples, source = clips(arguments.clips, SECONDS)
    samples = [_resampled(y) for y in samples]
    runs = {"pitch": pitch, "whole 60 ms analysis": voice, "librosa.pyin": pyin}
    if arguments.without_pyin:
        del runs["librosa.pyin"]
    for name, peer in (
        ("Praat to_pitch", praat),
        ("Praat to_pitch, 10 ms, 55 to 1000 Hz", praat_at_our_frames),
        (OPENSMILE, opensmile),
    ):
        try:
            runs[name] = peer()
        except ImportError:
            print(f"{name}: not installed, left out")
    each = {name: _each(run) for name, run in runs.items()} | estimators(samples[0])
    costs = take_turns(each, samples, arguments.rounds)
    print(
        f"{len(samples)} clips of {SECONDS} s, {source}; ms of CPU a clip, and pitch is faster by"
    )
    result = {}
    for name, spent in costs.items():
        ratio = median_ratio(spent, costs["pitch"])
        result[name] = {"ms": statistics.median(spent), "times_pitch": ratio}
        print(f"{name:40s} {statistics.median(spent):8.2f} {ratio:7.2f}")
    if OPENSMILE in costs:
        faster = median_ratio(costs[OPENSMILE], costs["EGeMAPS"])
        print(f"EGeMAPS is {faster:.2f} times as fast as openSMILE; at least 4 is wanted")
        result["EGeMAPS"]["times_faster_than_opensmile"] = faster
    apart = [
        sum(pair) for pair in zip(costs["EGeMAPS"], costs["ten spectral features"], strict=True)
    ]
    share = median_ratio(costs["EGeMAPS and the ten"], apart)
    print(f"EGeMAPS and the ten in one union take {share:.2f} of their times apart")
    result["EGeMAPS and the ten"]["of_both_apart"] = share
    keep("voice_speed", {"clips": source, "runs": result})


def _resampled(y: np.ndarray) -> np.ndarray:
    import librosa
    from _common import SR as READ_AT

    return librosa.resample(y, orig_sr=READ_AT, target_sr=SR)[: SECONDS * SR]


def _each(run: Callable[[np.ndarray], Any]) -> Callable[[list[np.ndarray]], None]:
    def over_all(chunk: list[np.ndarray]) -> None:
        for y in chunk:
            run(y)

    return over_all


if __name__ == "__main__":
    main()
