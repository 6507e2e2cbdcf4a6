"""Peak memory of extraction over 1 000 files and over 100 000, each in a process of its own.

Files are half a second of noise each, written to a temporary folder. What a process holds at its
highest is told less the output matrix, once with `memory` and once without.

Run: ``python benchmarks/bench_memory.py``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from _common import SR, keep, write_noise

EXTRACT = """
import os, resource, sys
from skser import MFCC, RMS, ZCR, Chroma, make_audio_union
folder, n_clips, memory = sys.argv[1], int(sys.argv[2]), sys.argv[3] or None
paths = [os.path.join(folder, f"{i:06d}.wav") for i in range(n_clips)]
values = make_audio_union(ZCR(), RMS(), MFCC(20), Chroma(), memory=memory).fit_transform(paths)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print((peak - values.nbytes) / 2**20, values.nbytes / 2**20)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs=2, default=[1000, 100_000])
    options = parser.parse_args()
    few, many = options.files
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_noise(folder, many, 0.5, SR)
        print(f"peak in MiB, output apart {few:>8d} {many:>8d}   ratio")
        for name in ("no memory", "memory"):
            peaks = []
            for n_files in options.files:
                memory = str(Path(folder, f"store-{n_files}")) if name == "memory" else ""
                command = [sys.executable, "-c", EXTRACT, folder, str(n_files), memory]
                run = subprocess.run(command, capture_output=True, text=True, check=True)
                peaks.append(float(run.stdout.split()[0]))
            ratio = peaks[1] / peaks[0]
            rows[name] = {"few_mib": peaks[0], "many_mib": peaks[1], "ratio": ratio}
            print(f"{name:25s} {peaks[0]:8.1f} {peaks[1]:8.1f} {ratio:7.3f}")
    keep("memory", {"files": options.files, "seconds_a_file": 0.5, "rows": rows})


if __name__ == "__main__":
    main()
