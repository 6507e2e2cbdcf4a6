"""What augmentation does to UAR on speakers not trained on: RAVDESS, six speaker-disjoint folds.

Run: ``python benchmarks/bench_augmentation.py``; ``--each`` also measures each augmenter alone,
``--classifier conv1d`` trains a network.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from _common import keep, ravdess_corpus

import numpy as np  # isort: skip
from sklearn.model_selection import GroupKFold, cross_val_score  # isort: skip
from sklearn.pipeline import make_pipeline  # isort: skip
from sklearn.preprocessing import StandardScaler  # isort: skip
from sklearn.svm import SVC  # isort: skip

from skser import (  # isort: skip
    MFCC,
    RMS,
    ZCR,
    AddNoise,
    AugmentedClassifier,
    Conv1DClassifier,
    Gain,
    LoadAudio,
    OneOf,
    PitchShift,
    SpectralCentroid,
    TimeStretch,
    make_audio_union,
)

SR = 16000
FOLDS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="runs to average")
    parser.add_argument("--each", action="store_true", help="also each augmenter alone")
    parser.add_argument("--classifier", choices=["svc", "conv1d"], default="svc")
    options = parser.parse_args()
    corpus = ravdess_corpus()
    clips = LoadAudio(SR).fit_transform(corpus.data)
    leaves = [AddNoise(snr=(10, 30)), PitchShift((-1, 1)), TimeStretch((0.9, 1.1)), Gain()]
    augmenters: dict[str, Any] = {"one of four": OneOf(leaves)}
    if options.each:
        augmenters |= {type(leaf).__name__: leaf for leaf in leaves}

    def uar(augment: Any, n_copies: int, seed: int) -> np.ndarray:
        functionals = {"pooling": ["mean", "std", "p05", "p95"]}
        features = make_audio_union(
            MFCC(20, **functionals),
            RMS(**functionals),
            ZCR(**functionals),
            SpectralCentroid(**functionals),
            sr=SR,
        )
        last = SVC(C=10) if options.classifier == "svc" else Conv1DClassifier(random_state=seed)
        classifier = AugmentedClassifier(
            make_pipeline(features, StandardScaler(), last),
            augment,
            n_copies=n_copies,
            random_state=seed,
        )
        return cross_val_score(
            classifier,
            clips,
            corpus.target,
            groups=corpus.groups,
            cv=GroupKFold(FOLDS),
            scoring="balanced_accuracy",
        )

    began = time.perf_counter()
    without = np.mean([uar(leaves[0], 0, seed) for seed in range(options.seeds)], axis=0)
    print(f"without: UAR {without.mean():.3f} ({time.perf_counter() - began:.0f} s)")
    results = {}
    for name, augment in augmenters.items():
        began = time.perf_counter()
        runs = np.array([uar(augment, options.copies, seed) for seed in range(options.seeds)])
        gain = runs.mean(axis=0) - without
        print(
            f"{name}: UAR {runs.mean():.3f}, {gain.mean():+.3f} "
            f"(folds {gain.min():+.3f} to {gain.max():+.3f}, {np.sum(gain > 0)} of {FOLDS} "
            f"better; {time.perf_counter() - began:.0f} s)"
        )
        results[name] = runs.tolist()
    keep("augmentation", {**vars(options), "without": without.tolist(), "with": results})


if __name__ == "__main__":
    main()
