"""Peak memory of `EGeMAPS` on a minute, ten minutes and an hour of synthetic voice.

A process for each length: the voice is made a minute at a time, its features are extracted, and
what the process grew by over a clip of three seconds is told, without the samples themselves.

Run: ``python benchmarks/bench_voice_memory.py``; about two minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys

import numpy as np
from _common import keep

SR = 16000


def voice(minutes: int) -> np.ndarray:
    """Return a sawtooth of changing pitch with pauses and a little noise."""
    rng = np.random.default_rng(0)
    n = 60 * SR
    y = np.empty(n * minutes, dtype=np.float32)
    seconds = np.arange(n) / SR
    phase = np.cumsum(120 * (1 + 0.2 * np.sin(np.pi * seconds))) / SR
    speech = (phase % 1 - 0.5) * (np.sin(2 * np.pi * 0.8 * seconds) > -0.2)
    for start in range(0, len(y), n):
        y[start : start + n] = speech + 0.002 * rng.normal(size=n)
    return y


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(minutes: int) -> dict[str, float]:
    """Return the growth of this process in MB, and the size of the samples."""
    from skser import EGeMAPS

    y = voice(minutes)
    egemaps = EGeMAPS(sr=SR)
    egemaps.fit_transform([y[: 3 * SR]])
    before = peak_mb()
    egemaps.fit_transform([y])
    return {"minutes": minutes, "samples_mb": y.nbytes / 2**20, "grew_mb": peak_mb() - before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, help="measure this length in this process")
    options = parser.parse_args()
    if options.minutes:
        print(json.dumps(measure(options.minutes)))
        return
    rows = []
    for minutes in (1, 10, 60):
        command = [sys.executable, __file__, "--minutes", str(minutes)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows.append(json.loads(said.splitlines()[-1]))
        print(
            "{minutes} min: samples {samples_mb:.0f} MB, grew {grew_mb:.0f} MB".format(**rows[-1])
        )
    keep("voice_memory", {"rows": rows})


if __name__ == "__main__":
    main()
