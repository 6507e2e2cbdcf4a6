"""Peak memory of `SegmentClassifier.predict` on a file of a minute and on one of an hour.

Run: ``python benchmarks/bench_segments.py``. Each is a process of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from _common import keep

SR = 16000
PREDICT = """
import resource, sys, time
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from skser import MFCC, SegmentClassifier
X = np.random.default_rng(0).normal(scale=0.1, size=(4, 64000))
pipeline = make_pipeline(MFCC(13, sr=16000), LogisticRegression())
classifier = SegmentClassifier(pipeline, sr=16000).fit(X, [0, 0, 1, 1])
began = time.perf_counter()
classifier.predict([sys.argv[1]])
seconds = time.perf_counter() - began
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds)
"""


def write_noise(path: Path, minutes: int) -> None:
    import numpy as np
    import soundfile

    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", SR, 1) as file:
        for _ in range(minutes):
            file.write(rng.normal(scale=0.1, size=60 * SR))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 60])
    options = parser.parse_args()
    rows = {}
    for minutes in options.minutes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "noise.wav")
            write_noise(path, minutes)
            run = subprocess.run(
                [sys.executable, "-c", PREDICT, str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
        peak, seconds = map(float, run.stdout.split())
        rows[minutes] = {"peak_mib": peak, "seconds": seconds}
        print(f"{minutes:3d} min: peak {peak:.0f} MiB, predicted in {seconds:.1f} s")
    keep("segments", {"rows": rows})


if __name__ == "__main__":
    main()
