"""Loading and describing a folder of 1 000, 10 000 and 50 000 files.

Files are a tenth of a second of noise at 8 kHz each, in folders named by class, so that what counts
is what every file costs beside its samples. CPU time of one process; the median of the small ones.

Run: ``python benchmarks/bench_corpora.py``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from _common import keep, write_noise

from skser import describe_corpus, load_folder  # isort: skip

CLASSES = ("angry", "calm", "happy", "sad")


def write_corpus(folder: Path, n_files: int) -> None:
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        write_noise(str(folder / name), n_files // len(CLASSES), 0.1, 8000)


def seconds(folder: Path) -> dict[str, float]:
    """Return what each function takes."""
    began = time.process_time()
    corpus = load_folder(folder, group=r"(\d)\.wav")
    loaded = time.process_time()
    describe_corpus(corpus)
    return {"load_folder": loaded - began, "describe_corpus": time.process_time() - loaded}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 10_000, 50_000])
    options = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for n_files in options.files:
            write_corpus(Path(scratch, str(n_files)), n_files)
        seconds(Path(scratch, str(options.files[0])))
        for n_files in options.files:
            runs = 3 if n_files <= 10_000 else 1
            taken = [seconds(Path(scratch, str(n_files))) for _ in range(runs)]
            rows[str(n_files)] = {
                name: 1e6 * statistics.median(run[name] for run in taken) / n_files
                for name in taken[0]
            }
            cost = ", ".join(f"{name} {us:.0f}" for name, us in rows[str(n_files)].items())
            print(f"{n_files:6d} files, us a file: {cost}", flush=True)
    keep("corpora", {"rows": rows})


if __name__ == "__main__":
    main()
