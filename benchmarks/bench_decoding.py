"""What part of a fit is decoding: augmented copies, segments and images of 400 clips.

Each pipeline is fitted on files, and on the same clips in memory; what the files take more is
decoding and resampling. It is told in passes, the time that reading all files once takes. A copy
is made at the rate of its file and resampled too, so that it takes most of a pass although nothing
is decoded for it. CPU time of one process with one thread.

Run: ``python benchmarks/bench_decoding.py``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from typing import Any

from _common import SR, cpu_seconds, keep, speech_files

import numpy as np  # isort: skip
from sklearn.linear_model import LogisticRegression  # isort: skip
from sklearn.pipeline import make_pipeline  # isort: skip
from sklearn.preprocessing import FunctionTransformer, StandardScaler  # isort: skip

import skser  # isort: skip


def vectors() -> Any:
    union = skser.make_audio_union(skser.MFCC(20), skser.RMS(), skser.SpectralContrast())
    return make_pipeline(union, StandardScaler(), LogisticRegression(max_iter=300))


def images() -> Any:
    flat = FunctionTransformer(_flat)
    return make_pipeline(
        skser.Mel2D(32, duration=2.5), flat, StandardScaler(), LogisticRegression(max_iter=50)
    )


def _flat(X: Any) -> Any:
    return X.reshape(len(X), -1)


PIPELINES: dict[str, Callable[[], Any]] = {
    "vectors": vectors,
    "images": images,
    "augmented, 1 copy": lambda: skser.AugmentedClassifier(
        vectors(), skser.AddNoise(), n_copies=1, random_state=0
    ),
    "augmented, 3 copies": lambda: skser.AugmentedClassifier(
        vectors(), skser.AddNoise(), n_copies=3, random_state=0
    ),
    "segments of 1 s": lambda: skser.SegmentClassifier(vectors(), window=1.0, hop=0.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths, source = speech_files(folder, options.clips)
        y = np.arange(len(paths)) % 4
        load = skser.LoadAudio(sr=SR)
        clips = load.fit_transform(paths)
        rows = {}
        for name, make in PIPELINES.items():
            rounds = [
                {
                    "pass": cpu_seconds(lambda: load.transform(paths)),
                    "files": cpu_seconds(lambda make=make: make().fit(paths, y)),
                    "memory": cpu_seconds(lambda make=make: make().fit(clips, y)),
                }
                for _ in range(options.rounds)
            ]
            files, memory = (statistics.median(r[k] for r in rounds) for k in ("files", "memory"))
            rows[name] = row = {
                "fit_s": files,
                "decoding": statistics.median(1 - r["memory"] / r["files"] for r in rounds),
                "passes": statistics.median((r["files"] - r["memory"]) / r["pass"] for r in rounds),
            }
            print(
                f"{name:20s} {row['fit_s']:6.2f} s, in memory {memory:6.2f} s: decoding is "
                f"{row['decoding']:4.0%}, {row['passes']:.1f} passes",
                flush=True,
            )
    keep("decoding", {"clips": len(paths), "source": source, "rows": rows})


if __name__ == "__main__":
    main()
