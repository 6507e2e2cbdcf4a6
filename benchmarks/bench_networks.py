"""UAR of networks on speakers they were not trained on: RAVDESS, six speaker-disjoint folds.

All see one kind of image: clips without the silence at their ends, 64 mel bands at 16 kHz, frames
of 64 ms every 32 ms; networks of one length the first 2.5 s, ours whole clips. `dropout3`, and the
fusion with it, see every second frame only, as a network of 256 filters would take hours else.
The scaler is fitted within the fold. Epochs and batches are those of the source where it gives
any. Seconds are processor time of one thread, so that other programs do not count.

Run: ``python benchmarks/bench_networks.py [NETWORK ...]``; hours for all. Each network's result
is kept when it is there.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from _common import RESULTS, keep, ravdess_folder
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import (
    MFCC2D,
    Conv2DClassifier,
    DenseClassifier,
    Mel2D,
    SpectrogramScaler,
    TrimSilence,
    load_ravdess,
    uar_score,
)

FOLDS = 6
PLAN = {"sr": 16000, "n_fft": 1024, "hop_length": 512}
COARSE = PLAN | {"hop_length": 1024}
IMAGES = {
    "mel": Mel2D(64, duration=2.5, **PLAN),
    "coarse mel": Mel2D(64, duration=2.5, **COARSE),
    "coarse MFCC": MFCC2D(20, duration=2.5, **COARSE),
    "whole mel": Mel2D(64, **PLAN),
}
TRAINING: dict[str, dict[str, Any]] = {
    "bn4x10": {"epochs": 30},
    "singh2020": {"epochs": 10, "batch_size": 128},
    "conv7x7": {"epochs": 10, "batch_size": 128},
    "image-three-dense": {"epochs": 10, "batch_size": 45},
    "dropout3": {"epochs": 8},
    "residual2d": {
        "epochs": 60,
        "batch_size": 16,
        "reduce_lr": "cosine",
        "time_mask": 12,
        "frequency_mask": 8,
        "mixup": 0.2,
    },
}


def network(name: str, seed: int) -> Any:
    """Return scaler and classifier."""
    classifier = Conv2DClassifier(name, random_state=seed, **TRAINING[name])
    return make_pipeline(SpectrogramScaler(), classifier)


class Meter:
    """Fits and scores on one fold, and counts seconds and parameters."""

    def __init__(self) -> None:
        self.uar: list[float] = []
        self.seconds: list[float] = []
        self.parameters = 0

    def run(self, pipeline: Any, X: Any, y: Any, train: Any, test: Any) -> Any:
        """Return the fitted pipeline."""
        pipeline = clone(pipeline)
        start = time.process_time()
        pipeline.fit(X[train], y[train])
        self.seconds.append((time.process_time() - start) / pipeline[-1].n_epochs_)
        self.parameters = pipeline[-1].n_parameters_
        self.uar.append(float(uar_score(y[test], pipeline.predict(X[test]))))
        return pipeline

    def result(self) -> dict[str, Any]:
        """Return what is kept."""
        return {
            "uar": float(np.mean(self.uar)),
            "std": float(np.std(self.uar)),
            "folds": self.uar,
            "seconds_per_epoch": float(np.median(self.seconds)),
            "parameters": self.parameters,
        }


def fusion(images: dict[str, Any], y: Any, folds: Any, seed: int) -> dict[str, Any]:
    """Two `dropout3`, each trained alone; a dense network learns from both embeddings."""
    meters = {name: Meter() for name in ("dropout3", "dropout3 on MFCC", "fusion")}
    seen = {"dropout3": images["coarse mel"], "dropout3 on MFCC": images["coarse MFCC"]}
    for train, test in folds:
        embeddings = np.hstack(
            [
                meters[row].run(network("dropout3", seed), X, y, train, test).transform(X)
                for row, X in seen.items()
            ]
        )
        dense = make_pipeline(DenseClassifier(random_state=seed))
        meters["fusion"].run(dense, embeddings, y, train, test)
        print({row: round(meter.uar[-1], 3) for row, meter in meters.items()}, flush=True)
    results = {row: meter.result() for row, meter in meters.items()}
    parts = (results["dropout3"], results["dropout3 on MFCC"])
    results["fusion"]["parameters"] += sum(part["parameters"] for part in parts)
    results["fusion"]["seconds_per_epoch"] += sum(part["seconds_per_epoch"] for part in parts)
    return results


def alone(name: str, X: Any, y: Any, folds: Any, seed: int) -> dict[str, Any]:
    meter = Meter()
    for train, test in folds:
        meter.run(network(name, seed), X, y, train, test)
        print(name, round(meter.uar[-1], 3), flush=True)
    return {name: meter.result()}


def main() -> None:
    names = [*(name for name in TRAINING if name != "dropout3"), "fusion"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[*names, []], default=names)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = ravdess_folder()
    if folder is None:
        raise SystemExit("no RAVDESS: set SKSER_DATA to the folder that holds ravdess/")
    corpus = load_ravdess(folder)
    y = np.asarray(corpus.target)
    clips = TrimSilence().fit_transform(corpus.data)
    images = {name: image.fit_transform(clips) for name, image in IMAGES.items()}
    folds = list(StratifiedGroupKFold(FOLDS).split(clips, y, corpus.groups))
    for name in options.networks:
        if name == "fusion":
            new = fusion(images, y, folds, options.seed)
        else:
            X = images["whole mel" if name == "residual2d" else "mel"]
            new = alone(name, X, y, folds, options.seed)
        path = RESULTS / "networks.json"
        before = json.loads(path.read_text()).get("networks", {}) if path.exists() else {}
        keep("networks", {"seed": options.seed, "networks": before | new})
        for row, result in new.items():
            print(
                f"{row:20} UAR {result['uar']:.3f} +- {result['std']:.3f}  "
                f"{result['seconds_per_epoch']:6.1f} s/epoch  {result['parameters']:>9,} parameters"
            )


if __name__ == "__main__":
    main()
