"""Extraction from files with two processes against one, by the clock.

The ten features of clips in files. The first call with two processes starts them, and each imports
what it needs; later calls, like the folds of a search, find them there. Rounds take turns, and the
best of each counts. Where other programs run, two processes cannot be twice as fast: so the load
average is told, and how much CPU time two processes take where one takes 1; two cores that are
free give 2 divided by that. Run: ``python benchmarks/bench_jobs.py``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

from _common import keep, speech_files, ten_features

import numpy as np  # isort: skip
import psutil  # isort: skip

from skser import make_audio_union  # isort: skip


def cpu_seconds() -> float:
    """Return the CPU time of this process and its workers."""
    process = psutil.Process()
    return sum(sum(p.cpu_times()[:2]) for p in [process, *process.children(recursive=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    times: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        paths, source = speech_files(folder, options.clips)
        unions = {n: make_audio_union(*ten_features(), n_jobs=n).fit(paths) for n in times}
        unions[1].transform(paths[:20])
        expected = None
        for _ in range(options.rounds):
            for n_jobs, union in unions.items():
                began, cpu_began = time.perf_counter(), cpu_seconds()
                values = union.transform(paths)
                times[n_jobs].append(time.perf_counter() - began)
                cpu[n_jobs].append(cpu_seconds() - cpu_began)
                expected = values if expected is None else expected
                np.testing.assert_array_equal(values, expected)
    one, first, two = min(times[1]), times[2][0], min(times[2][1:])
    more_cpu = min(cpu[2][1:]) / min(cpu[1])
    load = os.getloadavg()[0]
    print(f"{len(paths)} files from {source}, ten features; load average {load:.1f}")
    print(f"one process              {one:7.2f} s")
    print(f"two, which start first   {first:7.2f} s {one / first:6.2f} times as fast")
    print(f"two, which are there     {two:7.2f} s {one / two:6.2f} times as fast")
    print(f"two take {more_cpu:.2f} times the CPU time of one")
    keep(
        "jobs",
        {
            "clips": len(paths),
            "source": source,
            "load_average": load,
            "one_s": one,
            "two_starting_s": first,
            "two_s": two,
            "speedup_starting": one / first,
            "speedup": one / two,
            "cpu_of_two_against_one": more_cpu,
            "rounds": {str(n): rounds for n, rounds in times.items()},
        },
    )


if __name__ == "__main__":
    main()
