"""The union of ten features against the same librosa calls made one by one.

One process, one thread; each round times both, one after the other, and the ratio of the medians
is reported. Run: ``python benchmarks/bench_extraction.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

from _common import SR, clips, keep

import librosa  # isort: skip
import numpy as np  # isort: skip

from skser import (  # isort: skip
    MFCC,
    RMS,
    ZCR,
    Chroma,
    Mel,
    SpectralBandwidth,
    SpectralContrast,
    SpectralFlatness,
    SpectralRolloff,
    Tonnetz,
    make_audio_union,
)

F = librosa.feature
FEATURES: dict[str, tuple[object, Callable[[np.ndarray], np.ndarray]]] = {
    "zcr": (ZCR(), lambda y: F.zero_crossing_rate(y)),
    "rms": (RMS(), lambda y: F.rms(y=y)),
    "mfcc": (MFCC(20), lambda y: F.mfcc(y=y, sr=SR)),
    "chroma": (Chroma(), lambda y: F.chroma_stft(y=y, sr=SR)),
    "spectralrolloff": (SpectralRolloff(), lambda y: F.spectral_rolloff(y=y, sr=SR)),
    "spectralcontrast": (SpectralContrast(), lambda y: F.spectral_contrast(y=y, sr=SR)),
    "spectralflatness": (SpectralFlatness(), lambda y: F.spectral_flatness(y=y)),
    "spectralbandwidth": (SpectralBandwidth(), lambda y: F.spectral_bandwidth(y=y, sr=SR)),
    "tonnetz": (Tonnetz(), lambda y: F.tonnetz(y=y, sr=SR)),
    "mel": (Mel(), lambda y: F.melspectrogram(y=y, sr=SR)),
}


def seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def compare(names: list[str], samples: list[np.ndarray], rounds: int) -> dict[str, float]:
    union = make_audio_union(*(FEATURES[name][0] for name in names)).fit(samples)
    calls = [FEATURES[name][1] for name in names]

    def one_by_one() -> None:
        for y in samples:
            for call in calls:
                call(y).mean(axis=1)

    union.transform(samples)
    one_by_one()
    times = [
        (seconds(lambda: union.transform(samples)), seconds(one_by_one)) for _ in range(rounds)
    ]
    ours, theirs = (1000 * statistics.median(t) / len(samples) for t in zip(*times, strict=True))
    return {"skser_ms": ours, "librosa_ms": theirs, "ratio": theirs / ours}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    samples, source = clips(options.clips)
    every = list(FEATURES)
    sets = {"ten features": every, "without tonnetz": [n for n in every if n != "tonnetz"]}
    sets |= {name: [name] for name in every}
    print(f"{len(samples)} clips of 2.5 s at {SR} Hz from {source}, one thread, ms a clip")
    print(f"{'':20s} {'skser':>8s} {'librosa':>8s} {'ratio':>6s}")
    rows = {}
    for label, names in sets.items():
        rows[label] = row = compare(names, samples, options.rounds)
        print(f"{label:20s} {row['skser_ms']:8.2f} {row['librosa_ms']:8.2f} {row['ratio']:6.1f}")
    keep("extraction", {"clips": len(samples), "source": source, "rows": rows})


if __name__ == "__main__":
    main()
