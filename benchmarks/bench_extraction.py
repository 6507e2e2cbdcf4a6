"""The union of ten features against librosa's functions, and against a Fourier transform alone.

One process, one thread, CPU time; who is compared takes turns every few clips, and the median over
the rounds of each round's ratio is reported. The floor is one batched `scipy.fft.rfft` of a clip's
windowed single-precision frames, made beforehand. `Tonnetz` alone is also compared at hops of ten
milliseconds, on clips of 3 s; ``--only-hops`` leaves out all else.

More than a third of the nine features' time is the spectrogram, whose transform is in double
precision, as librosa's, and costs 1.6 times the floor. A complex transform of two frames at once,
np.partition instead of sorting, blocks of frames in the roll-off, the flatness and the chroma, and
other sizes of the blocks of the spectrogram were tried, and do not help. A fifth of the time is
Python's, and does not depend on the length of a clip.

Run: ``python benchmarks/bench_extraction.py``.
"""

from __future__ import annotations

import argparse
import statistics
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from _common import SR, clips, keep, median_ratio, take_turns, ten_features

import librosa  # isort: skip
import numpy as np  # isort: skip
from scipy.fft import rfft  # isort: skip
from scipy.signal import get_window  # isort: skip

import skser  # isort: skip
from skser import Audio, as_items, make_audio_union  # isort: skip

F = librosa.feature
LIBROSA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "zcr": lambda y: F.zero_crossing_rate(y),
    "rms": lambda y: F.rms(y=y),
    "mfcc": lambda y: F.mfcc(y=y, sr=SR),
    "chroma": lambda y: F.chroma_stft(y=y, sr=SR),
    "spectralrolloff": lambda y: F.spectral_rolloff(y=y, sr=SR),
    "spectralcontrast": lambda y: F.spectral_contrast(y=y, sr=SR),
    "spectralflatness": lambda y: F.spectral_flatness(y=y),
    "spectralbandwidth": lambda y: F.spectral_bandwidth(y=y, sr=SR),
    "tonnetz": lambda y: F.tonnetz(y=y, sr=SR),
    "mel": lambda y: F.melspectrogram(y=y, sr=SR),
}
FEATURES = dict(make_audio_union(*ten_features()).transformer_list)
SETS = {
    "ten features": list(FEATURES),
    "without tonnetz": [name for name in FEATURES if name != "tonnetz"],
    **{name: [name] for name in FEATURES},
}
HOPS = [(44100, 441), (22050, 220), (22050, 221), (16000, 160), (48000, 480), (22050, 512)]
WINDOW = get_window("hann", 2048).astype(np.float32)


def windowed_frames(y: np.ndarray) -> np.ndarray:
    padded = np.pad(y, 1024)
    return np.lib.stride_tricks.sliding_window_view(padded, 2048)[::512] * WINDOW


def call_each(call: Callable[[np.ndarray], np.ndarray], chunk: Sequence[np.ndarray]) -> None:
    for y in chunk:
        call(y).mean(axis=1)


def transform_each(chunk: Sequence[np.ndarray]) -> None:
    for frames in chunk:
        rfft(frames)


def against_floor(unions: dict[str, Any], samples: list[np.ndarray], rounds: int) -> dict[str, Any]:
    label = "without tonnetz"
    runs = {"floor": transform_each, label: unions[label]}
    costs = take_turns(runs, samples, rounds, {"floor": windowed_frames})
    rows = {}
    for label, cost in costs.items():
        rows[label] = {
            "ms": statistics.median(cost),
            "times_floor": median_ratio(cost, costs["floor"]),
        }
        print(f"{label:20s} {rows[label]['ms']:8.2f}, {rows[label]['times_floor']:.1f} x the floor")
    return {"rows": rows, "rounds": costs}


def at_hops(n_clips: int, rounds: int) -> dict[str, Any]:
    rows, kept = {}, {}
    print(f"{'tonnetz, 3 s':20s} {'skser':>8s} {'librosa':>8s} {'ratio':>6s}")
    for sr, hop in HOPS:
        label = f"{sr} Hz, hop {hop}"
        samples, _ = clips(n_clips, seconds=3.0, sr=sr)
        audio = as_items([Audio(y, sr) for y in samples])
        union = make_audio_union(skser.Tonnetz(), sr=sr, hop_length=hop).fit(audio)
        call = partial(F.tonnetz, sr=sr, hop_length=hop)
        runs = {
            "skser": union.transform,
            "librosa": partial(call_each, lambda clip, call=call: call(y=clip.y)),
        }
        costs = take_turns(runs, audio, rounds, turn=2)
        kept[label] = costs
        rows[label] = row = {
            "skser_ms": statistics.median(costs["skser"]),
            "librosa_ms": statistics.median(costs["librosa"]),
            "ratio": median_ratio(costs["librosa"], costs["skser"]),
        }
        print(f"{label:20s} {row['skser_ms']:8.2f} {row['librosa_ms']:8.2f} {row['ratio']:6.1f}")
    return {"rows": rows, "rounds": kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-hops", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    hops = at_hops(max(2, options.clips // 50), options.rounds)
    if options.only_hops:
        return
    samples, source = clips(options.clips)
    print(f"{len(samples)} clips of 2.5 s at {SR} Hz from {source}, one thread, ms a clip")
    unions = {
        label: make_audio_union(*(FEATURES[name] for name in names)).fit(samples).transform
        for label, names in SETS.items()
    }
    floor = against_floor(unions, samples, 5 * options.rounds)

    calls = {name: partial(call_each, call) for name, call in LIBROSA.items()}
    runs = {f"skser {label}": union for label, union in unions.items()}
    runs |= {f"librosa {name}": call for name, call in calls.items()}
    costs = take_turns(runs, samples, options.rounds)
    print(f"{'':20s} {'skser':>8s} {'librosa':>8s} {'ratio':>6s}")
    rows = {}
    for label, names in SETS.items():
        ours = costs[f"skser {label}"]
        theirs = np.sum([costs[f"librosa {name}"] for name in names], axis=0).tolist()
        rows[label] = row = {
            "skser_ms": statistics.median(ours),
            "librosa_ms": statistics.median(theirs),
            "ratio": median_ratio(theirs, ours),
        }
        print(f"{label:20s} {row['skser_ms']:8.2f} {row['librosa_ms']:8.2f} {row['ratio']:6.1f}")
    result = {"clips": len(samples), "source": source, "rows": rows, "floor": floor, "hops": hops}
    keep("extraction", {**result, "rounds": costs})


if __name__ == "__main__":
    main()
