"""Time of extraction over 1 000, 10 000 and 100 000 files.

Files are a tenth of a second of noise at 8 kHz each, and features are two cheap ones, so that what
counts is what every clip costs beside its arithmetic. CPU time of one process with one thread; the
small numbers are run before and after the largest, each time over other files, as files that were
just read are read quicker; the median counts. ``--memory`` keeps the values in a store too.

The cost of a clip does not grow along a run: the tenths of a run of 100 000 clips are in no order,
and the garbage collector takes 6 ms of it. Where other programs run, identical runs differ by a
quarter; repeat the benchmark before reading a ratio of a few percent.

Run: ``python benchmarks/bench_scale.py``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from _common import keep, write_noise

from skser import RMS, ZCR, make_audio_union  # isort: skip

SR = 8000


def extract(paths: list[str], memory: Path | None) -> None:
    union = make_audio_union(ZCR(), RMS(), sr=SR, n_fft=256, hop_length=128, memory=memory)
    union.fit_transform(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = write_noise(folder, max(options.clips), 0.1, SR)
        extract(paths[:100], None)
        few = [n for n in options.clips[:-1] for _ in range(max(1, options.clips[-1] // (20 * n)))]
        times: dict[int, list[float]] = {n: [] for n in options.clips}
        for i, n_clips in enumerate([*few, options.clips[-1], *few]):
            store = Path(folder, f"store-{i}") if options.memory else None
            first = n_clips * len(times[n_clips]) % len(paths)
            began = time.process_time()
            extract(paths[first : first + n_clips], store)
            times[n_clips].append(time.process_time() - began)
    print("   clips  s of CPU  us a clip  times the clips  times the time")
    typical = {n: statistics.median(runs) for n, runs in times.items()}
    first = options.clips[0]
    for n, seconds in typical.items():
        rows[str(n)] = {
            "s": seconds,
            "us_a_clip": 1e6 * seconds / n,
            "times_the_clips": n / first,
            "times_the_time": seconds / typical[first],
        }
        print(
            f"{n:8d} {seconds:9.2f} {1e6 * seconds / n:10.1f} {n / first:16.0f} "
            f"{seconds / typical[first]:15.1f}"
        )
    keep("scale", {"memory": options.memory, "rows": rows})


if __name__ == "__main__":
    main()
