"""What live recognition costs on one core: real-time factor and latency.

`make_recognizer` is trained on the built-in speech, "best" with one epoch, which is as fast as a
network that was trained for long. A minute of speech at 48 kHz is pushed in chunks of 10 ms, as a
microphone gives them, through a `LiveRecognizer` with windows of 2 s. The real-time factor is
processor time over the duration of the sound; 1 would keep a core busy. The latency is the time
from the push of the last sample of a window to its event: median and 99th percentile, by the clock
and as processor time. The clock also counts what other programs do with the core meanwhile.

Run: ``python benchmarks/bench_live.py [--kinds fast best] [--hop 0.5] [--minutes 1]``. It uses the
speech embedding if it was fetched; ``--without-embedding`` leaves it out.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

# First of all: it sets the number of threads.
import _common
import numpy as np

from skser import LiveRecognizer, make_emotional_speech, make_recognizer

SR = 48000
CHUNK = SR // 100


def trained(kind: str, with_embedding: bool) -> Any:
    speech = make_emotional_speech(n_speakers=3, n_per_class=3, random_state=0)
    model = make_recognizer(kind, embedding=None if with_embedding else False, random_state=0)
    if kind == "best":
        model.set_params(network__classify__epochs=1)
    return model.fit(speech.data, speech.target)


def sound_of(minutes: float) -> np.ndarray:
    speech = make_emotional_speech(n_speakers=8, n_per_class=1, sr=SR, random_state=1)
    y = np.concatenate([clip.y for clip in speech.data])
    return np.resize(y, int(60 * SR * minutes))


def measured(model: Any, y: np.ndarray, hop: float) -> dict[str, float]:
    live = LiveRecognizer(model, 2.0, hop)
    # Filter banks and graphs are made once.
    live.push(y[: 4 * SR], SR)
    live.reset()
    waits, busy = [], []
    began = time.process_time()
    for start in range(0, len(y), CHUNK):
        pushed, worked = time.perf_counter(), time.process_time()
        events = live.push(y[start : start + CHUNK], SR)
        if events:
            waits.append(1000 * (time.perf_counter() - pushed))
            busy.append(1000 * (time.process_time() - worked))
            assert len(events) == 1
    seconds = time.process_time() - began
    (median, busy_median), (slow, busy_slow) = np.percentile([waits, busy], [50, 99], axis=1)
    return {
        "real_time_factor": seconds / (len(y) / SR),
        "latency_median_ms": float(median),
        "latency_p99_ms": float(slow),
        "processor_median_ms": float(busy_median),
        "processor_p99_ms": float(busy_slow),
        "windows": len(waits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=["fast", "best"], default=["fast", "best"])
    parser.add_argument("--hop", type=float, default=0.5)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--without-embedding", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    y = sound_of(options.minutes)
    rows = {}
    for kind in options.kinds:
        model = trained(kind, not options.without_embedding)
        rows[kind] = row = measured(model, y, options.hop)
        print(
            f"{kind:4}  real-time factor {row['real_time_factor']:.3f}, latency "
            f"{row['latency_median_ms']:.0f} ms (99th percentile {row['latency_p99_ms']:.0f} ms), "
            f"of processor time {row['processor_median_ms']:.0f} ms "
            f"({row['processor_p99_ms']:.0f} ms), {row['windows']} windows",
            flush=True,
        )
    _common.keep(
        "live", {"hop": options.hop, "embedding": not options.without_embedding, "rows": rows}
    )


if __name__ == "__main__":
    main()
