"""`SpeechEmbedding` beside ten spectral features, on clips of 3 s in memory.

One thread, CPU time; both take turns. The embedding gets clips at 16 kHz, its own rate, so that
resampling is not counted; the features get the same clips at the rate that they were read at.
``skser.fetch_speech_embedding()`` downloads the model.

Run: ``python benchmarks/bench_embedding.py``.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

from _common import SR, clips, keep, median_ratio, take_turns, ten_features

from skser import Audio, SpeechEmbedding, as_items, make_audio_union  # isort: skip

MODEL_SR, SECONDS = 16000, 3
EMBEDDING, FEATURES = "SpeechEmbedding", "ten spectral features"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()

    samples, source = clips(arguments.clips, SECONDS)
    first = as_items([Audio(samples[0], SR)])
    runs: dict[str, Callable[[list[Any]], object]] = {
        EMBEDDING: SpeechEmbedding().fit(first).transform,
        FEATURES: make_audio_union(*ten_features()).fit(first).transform,
    }
    prepare = {EMBEDDING: _at_the_models_rate, FEATURES: lambda y: Audio(y, SR)}
    costs = take_turns(
        {name: lambda chunk, run=run: run(as_items(chunk)) for name, run in runs.items()},
        samples,
        arguments.rounds,
        prepare,
    )
    ratio = median_ratio(costs[EMBEDDING], costs[FEATURES])
    print(f"{len(samples)} clips of {SECONDS} s, {source}; ms of CPU a clip")
    for name, spent in costs.items():
        print(f"{name:24s} {statistics.median(spent):8.2f}")
    print(f"the embedding costs {ratio:.2f} times what the ten features do")
    result = {name: {"ms": statistics.median(spent)} for name, spent in costs.items()}
    keep("embedding", {"clips": source, "runs": result, "times_ten_features": ratio})


def _at_the_models_rate(y: Any) -> Any:
    import librosa

    return Audio(librosa.resample(y, orig_sr=SR, target_sr=MODEL_SR), MODEL_SR)


if __name__ == "__main__":
    main()
