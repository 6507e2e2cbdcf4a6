"""How much a process grows over fifty fits of a network, after the first five.

Run: ``python benchmarks/bench_growth.py``.
"""

from __future__ import annotations

import argparse
import time

from _common import keep

import psutil  # isort: skip
from sklearn.datasets import make_classification  # isort: skip

from skser import Conv1DClassifier  # isort: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=50)
    parser.add_argument("--architecture", default="small")
    options = parser.parse_args()
    X, y = make_classification(300, 60, n_informative=20, n_classes=5, random_state=0)
    process = psutil.Process()
    resident, times = [], []
    for seed in range(options.fits):
        began = time.perf_counter()
        Conv1DClassifier(options.architecture, epochs=3, random_state=seed).fit(X, y).predict(X)
        times.append(time.perf_counter() - began)
        resident.append(process.memory_info().rss / 1e6)
    growth = resident[-1] - resident[4]
    print(
        f"{options.fits} fits of {options.architecture!r}: the process grew by {growth:.1f} MB "
        f"after the first five ({resident[4]:.0f} -> {resident[-1]:.0f} MB); the first fit took "
        f"{times[0]:.1f} s, the last {times[-1]:.2f} s"
    )
    keep("growth", {"fits": options.fits, "growth_mb": growth, "resident_mb": resident})


if __name__ == "__main__":
    main()
