"""Reading files at 48 kHz as mono at 22.05 kHz: share of ten features, and against librosa.load.

The floor is what the two C libraries take: libsndfile decodes, soxr resamples ("HQ", as librosa
does), and nothing is checked. One process, one thread, CPU time; all take turns every few files,
and the median over the rounds counts. Run: ``python benchmarks/bench_reading.py``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from typing import Any

from _common import SR, keep, median_ratio, speech_files, take_turns, ten_features

import librosa  # isort: skip
import soundfile  # isort: skip
import soxr  # isort: skip

from skser import make_audio_union  # isort: skip
from skser.audio._load import load_clip


def decode(path: str) -> Any:
    return soundfile.read(path, dtype="float32")


def floor(path: str) -> Any:
    y, sr = decode(path)
    return soxr.resample(y if y.ndim == 1 else y.mean(axis=1), sr, SR, quality="HQ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths, source = speech_files(folder, options.clips)
        union = make_audio_union(*ten_features()).fit(paths)
        runs: dict[str, Callable[[list[str]], object]] = {
            "libsndfile alone": lambda paths: [decode(path) for path in paths],
            "floor: libsndfile and soxr": lambda paths: [floor(path) for path in paths],
            "librosa.load": lambda paths: [librosa.load(path, sr=SR) for path in paths],
            "skser": lambda paths: [load_clip(path, SR) for path in paths],
            "skser, with ten features": union.transform,
        }
        costs = take_turns(runs, paths, options.rounds)
    ms = {name: statistics.median(rounds) for name, rounds in costs.items()}
    print(f"{len(paths)} files from {source}, 48 kHz to {SR} Hz, one thread, ms of CPU a file")
    for name, cost in ms.items():
        print(f"{name:28s} {cost:6.2f}")
    figures = {
        "against_librosa": median_ratio(costs["skser"], costs["librosa.load"]),
        "against_floor": median_ratio(costs["skser"], costs["floor: libsndfile and soxr"]),
        "share_of_ten_features": median_ratio(costs["skser"], costs["skser, with ten features"]),
    }
    print(
        f"skser takes {figures['against_librosa']:.2f} of the time of librosa.load, "
        f"{figures['against_floor']:.2f} of the floor, and {figures['share_of_ten_features']:.0%} "
        "of the ten features' total"
    )
    keep("reading", {"clips": len(paths), "source": source, "ms": ms, **figures})


if __name__ == "__main__":
    main()
