"""How much a process grows over fits of one network, and over networks of ever new widths.

The first five fits do not count, nor the first 150 widths: what is freed stays with the process
until then, and is used again afterwards.

Run: ``python benchmarks/bench_growth.py``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
from _common import keep

import psutil  # isort: skip
from sklearn.datasets import make_classification  # isort: skip

from skser import Conv1DClassifier  # isort: skip

UNCOUNTED_FITS, UNCOUNTED_WIDTHS = 5, 150


def fits(architecture: str, n_fits: int) -> Iterator[None]:
    X, y = make_classification(300, 60, n_informative=20, n_classes=5, random_state=0)
    for seed in range(n_fits):
        yield Conv1DClassifier(architecture, epochs=3, random_state=seed).fit(X, y).predict(X)


def widths(architecture: str, n_widths: int) -> Iterator[None]:
    rng, y = np.random.default_rng(0), np.arange(16) % 2
    for width in range(60, 60 + n_widths):
        X = rng.normal(size=(16, width))
        yield Conv1DClassifier(architecture, epochs=1, random_state=0).fit(X, y).predict(X)


def resident_after_each(runs: Iterator[None]) -> tuple[list[float], list[float]]:
    """Return what the process holds after each run in MB, and how many seconds each took."""
    process = psutil.Process()
    resident, times = [], []
    began = time.perf_counter()
    for _ in runs:
        times.append(time.perf_counter() - began)
        resident.append(process.memory_info().rss / 1e6)
        began = time.perf_counter()
    return resident, times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=50)
    parser.add_argument("--widths", type=int, default=400)
    parser.add_argument("--architecture", default="small")
    options = parser.parse_args()
    result = {}
    if options.fits > UNCOUNTED_FITS:
        resident, times = resident_after_each(fits(options.architecture, options.fits))
        growth = resident[-1] - resident[UNCOUNTED_FITS - 1]
        print(
            f"{options.fits} fits of {options.architecture!r}: the process grew by {growth:.1f} MB "
            f"after the first five ({resident[UNCOUNTED_FITS - 1]:.0f} -> {resident[-1]:.0f} MB); "
            f"the first fit took {times[0]:.1f} s, the last {times[-1]:.2f} s"
        )
        result |= {"fits": options.fits, "growth_mb": growth, "resident_mb": resident}
    if options.widths > UNCOUNTED_WIDTHS:
        resident, _ = resident_after_each(widths(options.architecture, options.widths))
        first = resident[UNCOUNTED_WIDTHS - 1]
        each = (resident[-1] - first) / (options.widths - UNCOUNTED_WIDTHS)
        print(
            f"{options.widths} widths: the process grew by {each:.2f} MB a width after the first "
            f"{UNCOUNTED_WIDTHS} ({first:.0f} -> {resident[-1]:.0f} MB)"
        )
        result |= {"growth_mb_a_width": each, "resident_mb_a_width": resident}
    keep("growth", result)


if __name__ == "__main__":
    main()
