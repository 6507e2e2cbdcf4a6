"""What threads of BLAS cost on cores that are busy: `Tonnetz` by the clock, bounded and not.

As many processes as there are cores keep them busy. One side computes as users call it; the other
without the bound to one thread. Each side is a process of its own, for it must not know
OMP_NUM_THREADS; they take turns, and the median of each round's ratio counts.
Run: ``python benchmarks/bench_threads.py``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

from _common import SR, keep

SIDE = """
import sys, time
from contextlib import nullcontext
import numpy as np
import skser
from skser.extraction import _extraction
if sys.argv[1] == "unbounded":
    _extraction.one_thread = nullcontext
clips = [np.random.default_rng(i).normal(size=3 * {sr}).astype("f") for i in range({clips})]
tonnetz = skser.Tonnetz().fit(clips[:1])
start = time.perf_counter()
tonnetz.transform(clips)
print(1000 * (time.perf_counter() - start) / len(clips))
"""


def busy() -> None:
    while True:
        pass


def milliseconds(side: str, clips: int) -> float:
    """Return what a clip of 3 s takes by the clock."""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", SIDE.format(sr=SR, clips=clips), side]
    result = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(result.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    others = [multiprocessing.Process(target=busy, daemon=True) for _ in range(os.cpu_count() or 1)]
    for other in others:
        other.start()
    time.sleep(0.2)
    rounds = [
        {side: milliseconds(side, options.clips) for side in ("bounded", "unbounded")}
        for _ in range(options.rounds)
    ]
    for other in others:
        other.kill()
    cost = {side: statistics.median(one[side] for one in rounds) for side in rounds[0]}
    ratio = statistics.median(one["unbounded"] / one["bounded"] for one in rounds)
    print(f"Tonnetz, ms a clip of 3 s, {os.cpu_count()} busy cores")
    print(f"as it is          {cost['bounded']:8.1f}")
    print(f"without the bound {cost['unbounded']:8.1f}, {ratio:.1f} times")
    keep("threads", {"rows": cost, "ratio": ratio, "rounds": rounds})


if __name__ == "__main__":
    main()
