"""Peak memory of a network on 1 000 clips, one of which is far longer than the others.

Each figure is of a process of its own: what it holds at its highest while it fits for one epoch,
or predicts, less what it held before, with the clips in memory and the network compiled.

Run: ``python benchmarks/bench_ragged.py``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from _common import keep

MEASURE = """
import resource, sys
import numpy as np, psutil
from skser import Conv1DClassifier, Conv2DClassifier
kind, what, n_clips, frames, longest, rows = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
rng = np.random.default_rng(0)
def clip(n):
    shape = (n, rows) if kind == "1d" else (rows, n)
    return rng.normal(size=shape).astype(np.float32)
def clips(lengths):
    X = np.empty(len(lengths), dtype=object)
    for index, n in enumerate(lengths):
        X[index] = clip(n)
    return X
network = Conv1DClassifier("residual1d") if kind == "1d" else Conv2DClassifier("residual2d")
network.set_params(epochs=1, batch_size=8, random_state=0)
few = clips(rng.integers(frames // 2, frames, 16))
network.fit(few, np.arange(16) % 2).predict(few)
lengths = rng.integers(frames // 2, frames, n_clips)
if longest:
    lengths[n_clips // 2] = longest
X, y = clips(lengths), np.arange(n_clips) % 2
before = psutil.Process().memory_info().rss
if what == "fit":
    network.fit(X, y)
else:
    network.predict(X)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / 2**20)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--longest", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=13)
    parser.add_argument("--kinds", nargs="+", default=["1d", "2d"])
    options = parser.parse_args()
    padding = options.clips * options.longest * options.rows * 4 / 2**20
    print(f"all clips padded to the longest: {padding:.0f} MiB")
    print(f"peak in MiB     none is long   one of {options.longest} frames")
    rows: dict[str, dict[str, float]] = {}
    for kind in options.kinds:
        for what in ("fit", "predict"):
            peaks = []
            for longest in (0, options.longest):
                sizes = [options.clips, options.frames, longest, options.rows]
                command = [sys.executable, "-c", MEASURE, kind, what, *map(str, sizes)]
                run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                peaks.append(float(run.stdout))
            rows[f"{kind} {what}"] = {"none_mib": peaks[0], "one_mib": peaks[1]}
            print(f"{kind} {what:10s} {peaks[0]:12.1f} {peaks[1]:16.1f}", flush=True)
    keep("ragged", {**vars(options), "padded_mib": padding, "rows": rows})


if __name__ == "__main__":
    main()
