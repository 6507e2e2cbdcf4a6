"""One clip through a network: TensorFlow and onnxruntime, in milliseconds of one thread.

Both predict the probabilities of one mel image (64 bands, 2.5 s at 16 kHz) at a time, by
`predict_proba` of the classifier; the features are computed before. The networks are trained for
one epoch, which does not change what they cost. "largest difference" is that of the probabilities
of all clips.

Run: ``python benchmarks/bench_onnx.py [--n-clips 40] [--rounds 5]``
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from typing import Any

import numpy as np
from _common import clips, keep, median_ratio, take_turns

from skser import (
    Conv1DClassifier,
    Conv2DClassifier,
    ImageToSequence,
    Mel2D,
    SpectrogramScaler,
    load_model,
    save_model,
)

SR = 16000
NETWORKS = {
    "residual2d-views": Conv2DClassifier(epochs=1, random_state=0),
    "residual2d": Conv2DClassifier("residual2d", epochs=1, random_state=0),
    "residual1d": Conv1DClassifier("residual1d", epochs=1, random_state=0),
}


def compared(network: Any, X: Any, y: Any, rounds: int) -> dict[str, Any]:
    """Return milliseconds of a clip by TensorFlow and by onnxruntime, and how values differ."""
    network.fit(X, y)
    with tempfile.TemporaryDirectory() as folder:
        save_model(network, f"{folder}/network.skser", onnx=True)
        graph = load_model(f"{folder}/network.skser", runtime="onnx")
    runs = {
        name: lambda images, model=model: [model.predict_proba(image[None]) for image in images]
        for name, model in {"TensorFlow": network, "onnxruntime": graph}.items()
    }
    costs = take_turns(runs, list(X), rounds)
    return {
        **{f"{name} ms": statistics.median(each) for name, each in costs.items()},
        "times onnxruntime": median_ratio(costs["TensorFlow"], costs["onnxruntime"]),
        "largest difference": float(
            np.abs(network.predict_proba(X) - graph.predict_proba(X)).max()
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sounds, source = clips(options.n_clips, sr=SR)
    images = Mel2D(64, sr=SR, n_fft=1024).fit_transform(np.stack(sounds))
    scaled = SpectrogramScaler().fit_transform(images)
    sequences = ImageToSequence().fit_transform(scaled)
    labels = np.arange(len(scaled)) % 4
    rows = {}
    for name, network in NETWORKS.items():
        X = sequences if isinstance(network, Conv1DClassifier) else scaled
        rows[name] = compared(network, X, labels, options.rounds)
        print(name, {key: float(f"{value:.3g}") for key, value in rows[name].items()}, flush=True)
    keep("onnx", {"rows": rows, "rounds": options.rounds, "clips": source})


if __name__ == "__main__":
    main()
