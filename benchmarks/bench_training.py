"""What a classifier costs beside bare Keras: `fit`, and the prediction of a single clip.

Run: ``python benchmarks/bench_training.py``. The network is `compact` on vectors of 157 values.
Both train the same compiled-once model for the same epochs, in turn, in one process and one thread;
`model.fit` is given the arrays that `fit` makes of X and y. To reach: an overhead of at most 10 %,
and 5 ms a clip.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

from _common import cpu_seconds, keep

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # isort: skip  # noqa: E402

from skser import Conv1DClassifier  # isort: skip  # noqa: E402
from skser.neural.architectures._registry import get_architecture  # isort: skip  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--samples", type=int, default=1200)
    parser.add_argument("--epochs", type=int, default=50, help="as the network was published with")
    options = parser.parse_args()
    import keras

    rng = np.random.default_rng(0)
    y = rng.integers(6, size=options.samples)
    X = rng.normal(size=(options.samples, 157)).astype(np.float32) + 0.1 * y[:, None]
    classifier = Conv1DClassifier("compact", epochs=options.epochs, batch_size=128, random_state=0)
    bare = get_architecture("compact")((157, 1), 6)
    bare.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])

    def train() -> None:
        bare.fit(X[..., np.newaxis], y, epochs=options.epochs, batch_size=128, verbose=0)

    classifier.fit(X, y)
    train()
    turns = [(cpu_seconds(lambda: classifier.fit(X, y)), cpu_seconds(train))
             for _ in range(options.rounds)]  # fmt: skip
    overhead = float(np.median([ours / theirs for ours, theirs in turns]) - 1)

    def milliseconds(predict: Callable[[Any], Any], n: int) -> float:
        predict(X[:1])
        times = []
        for row in range(n):
            start = time.perf_counter()
            predict(X[row : row + 1])
            times.append(time.perf_counter() - start)
        return 1000 * float(np.median(times))

    ours = milliseconds(classifier.predict, 300)
    theirs = milliseconds(lambda x: bare.predict(x[..., np.newaxis], verbose=0), 30)
    difference = np.abs(
        classifier.predict_proba(X[:50])
        - np.concatenate([classifier.predict_proba(X[i : i + 1]) for i in range(50)])
    ).max()
    print(f"fit: {overhead:+.1%} over model.fit of Keras {keras.__version__} (to reach: +10 %)")
    print(f"one clip: {ours:.2f} ms, Keras' predict {theirs:.2f} ms, {theirs / ours:.0f} times it")
    print(f"alone or among 50: probabilities differ by {difference:.1e} at most")
    keep(
        "training",
        {
            "architecture": "compact",
            "samples": options.samples,
            "epochs": options.epochs,
            "fit_overhead": overhead,
            "predict_one_ms": ours,
            "keras_predict_one_ms": theirs,
            "difference": float(difference),
        },
    )


if __name__ == "__main__":
    main()
