"""The whole union of ten features against other feature extractors of the field.

openSMILE's functionals (eGeMAPSv02: 88 values, ComParE_2016: 6373) and pyAudioAnalysis' 68
short-term features (frames of 50 ms, every 25 ms) of the same clips in memory; one process, CPU
time of all its threads; all take turns every few clips. The peers are installed apart:
``pip install -r benchmarks/requirements.txt``; one that is missing is named and left out.
Run: ``python benchmarks/bench_peers.py``.
"""

from __future__ import annotations

import argparse
import statistics
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from _common import SR, clips, keep, median_ratio, take_turns, ten_features

import numpy as np  # isort: skip

from skser import make_audio_union  # isort: skip

Extract = Callable[[np.ndarray], Any]


def ours(pooling: str | list[str], samples: list[np.ndarray]) -> Any:
    features = [feature.set_params(pooling=pooling) for feature in ten_features()]
    return make_audio_union(*features).fit(samples)


def opensmile_functionals(feature_set: str) -> Extract:
    import opensmile

    smile = opensmile.Smile(
        feature_set=getattr(opensmile.FeatureSet, feature_set),
        feature_level=opensmile.FeatureLevel.Functionals,
        num_workers=1,
    )
    return lambda y: smile.process_signal(y, SR)


def short_term_features() -> Extract:
    from pyAudioAnalysis.ShortTermFeatures import feature_extraction

    return lambda y: feature_extraction(y, SR, 0.050 * SR, 0.025 * SR)


PEERS: dict[str, Callable[[], Extract]] = {
    "openSMILE eGeMAPSv02": partial(opensmile_functionals, "eGeMAPSv02"),
    "openSMILE ComParE_2016": partial(opensmile_functionals, "ComParE_2016"),
    "pyAudioAnalysis short-term": short_term_features,
}


def extract_each(extract: Extract, chunk: list[np.ndarray]) -> None:
    for y in chunk:
        extract(y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    samples, source = clips(options.clips)
    unions = {
        "skser, mean": ours("mean", samples),
        "skser, mean and std": ours(["mean", "std"], samples),
    }
    runs: dict[str, Callable[[list[Any]], object]] = {
        label: union.transform for label, union in unions.items()
    }
    values = {label: len(union.get_feature_names_out()) for label, union in unions.items()}
    missing = {}
    for label, make in PEERS.items():
        try:
            extract = make()
        except ImportError as error:
            missing[label] = str(error)
            print(f"{label} left out: {error}. See benchmarks/requirements.txt.")
            continue
        runs[label] = partial(extract_each, extract)
        result = extract(samples[0])
        values[label] = len(result[1]) if isinstance(result, tuple) else result.shape[1]
    costs = take_turns(runs, samples, options.rounds)

    print(f"{len(samples)} clips of 2.5 s at {SR} Hz from {source}, one thread")
    print(f"{'':27s} {'values':>6s} {'ms a clip':>9s}   times {' / '.join(unions)}")
    rows = {}
    for label, cost in costs.items():
        ratios = {union: median_ratio(cost, costs[union]) for union in unions}
        rows[label] = row = {
            "values": values[label],
            "ms": statistics.median(cost),
            "ratios": ratios,
        }
        times = " / ".join(f"{ratio:.1f}" for ratio in ratios.values())
        print(f"{label:27s} {row['values']:6d} {row['ms']:9.2f}   {times}")
    result = {"clips": len(samples), "source": source, "rows": rows, "missing": missing}
    keep("peers", {**result, "rounds": costs})


if __name__ == "__main__":
    main()
