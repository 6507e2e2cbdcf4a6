"""UAR of networks on speakers they were not trained on: RAVDESS, six speaker-disjoint folds.

All see one kind of image: clips without the silence at their ends, 64 mel bands at 16 kHz, frames
of 64 ms every 32 ms; networks of one length the first 2.5 s, ours whole clips. `dropout3`, and the
fusion with it, see 32 bands and every second frame only, as a network of 256 filters would take
hours else. The scaler is fitted within the fold. Epochs are those of the source where it gives
any; batches are of 32, with which RAVDESS gives about as many steps an epoch as the sources'
corpora with their larger ones. Seconds are processor time of one thread, so that other programs
do not count.

A network may be trained from several seeds (``--seeds``). Told are then the mean of their
scores, which is what one is worth, and the score of their averaged probabilities, which is that of
a `VotingClassifier` with soft voting.

Run: ``python benchmarks/bench_networks.py [NETWORK ...]``; hours for all. What one network learned
on one fold is kept in ``benchmarks/results/trained``, so that a run that was stopped goes on, and
folds may be trained at once by several runs (``--folds 0 1 2``, ``--folds 3 4 5``, then neither).
Delete it after a change to skser or to the images.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from typing import Any

import numpy as np
from _common import RESULTS, keep, ravdess_corpus
from joblib import Memory
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import (
    MFCC2D,
    Conv2DClassifier,
    DenseClassifier,
    Mel2D,
    SpectrogramScaler,
    TrimSilence,
    list_architectures,
    uar_score,
)
from skser.neural._conv2d import RECOMMENDED

FOLDS = 6
PLAN = {"sr": 16000, "n_fft": 1024, "hop_length": 512}
COARSE = PLAN | {"hop_length": 1024}
IMAGES = {
    "mel": Mel2D(64, duration=2.5, **PLAN),
    "coarse mel": Mel2D(32, duration=2.5, **COARSE),
    "coarse MFCC": MFCC2D(20, duration=2.5, **COARSE),
    "whole mel": Mel2D(64, **PLAN),
}
FUSED = ("coarse mel", "coarse MFCC")
OWN = {name: value for name, value in RECOMMENDED.items() if name != "epochs"}
TRAINING: dict[str, dict[str, Any]] = {
    "bn4x10": {"epochs": 15},
    "singh2020": {"epochs": 10},
    "conv7x7": {"epochs": 10},
    "image-three-dense": {"epochs": 10},
    "dropout3": {"epochs": 5},
    "residual2d": {"epochs": 60, **OWN},
    "residual2d-views": {"epochs": 60, **OWN},
}
OF_ANY_LENGTH = set(list_architectures().query("any_length")["name"])
NAMES = [*(name for name in TRAINING if name != "dropout3"), "fusion"]
memory = Memory(RESULTS / "trained", verbose=0)


@memory.cache(ignore=["images", "y", "train", "test"])  # type: ignore[untyped-decorator]
def trained(
    name: str,
    seen: str,
    fold: int,
    seed: int,
    how: dict[str, Any],
    images: Any,
    y: Any,
    train: Any,
    test: Any,
) -> dict[str, Any]:
    """Train on one fold; return probabilities of its test clips, and what it cost.

    The embeddings of all clips as well, if it is a part of the fusion.
    """
    classifier = Conv2DClassifier(name, random_state=seed, **how)
    pipeline = make_pipeline(SpectrogramScaler(), classifier)
    start = time.process_time()
    pipeline.fit(images[train], y[train])
    seconds = (time.process_time() - start) / classifier.n_epochs_
    result = {
        "probabilities": pipeline.predict_proba(images[test]),
        "seconds": seconds,
        "parameters": classifier.n_parameters_,
    }
    if name == "dropout3":
        result["embeddings"] = pipeline.transform(images)
    uar = scores([result["probabilities"]], y, [test])[0]
    print(f"{name} on {seen}, fold {fold}, seed {seed}: {uar:.3f}", flush=True)
    return result


def scores(probabilities: list[Any], y: Any, tests: list[Any]) -> list[float]:
    """Return the UAR of each fold."""
    classes = np.unique(y)
    return [
        float(uar_score(y[test], classes[p.argmax(axis=1)]))
        for p, test in zip(probabilities, tests, strict=True)
    ]


class Study:
    """The corpus as images, and its folds."""

    def __init__(self) -> None:
        corpus = ravdess_corpus()
        self.y = np.asarray(corpus.target)
        clips = TrimSilence().fit_transform(corpus.data)
        self.images = {name: image.fit_transform(clips) for name, image in IMAGES.items()}
        self.folds = list(StratifiedGroupKFold(FOLDS).split(clips, self.y, corpus.groups))
        self.tests = [test for _, test in self.folds]

    def run(self, name: str, seen: str, seed: int, fold: int) -> dict[str, Any]:
        """Train on a fold."""
        images, how = self.images[seen], TRAINING[name]
        return trained(name, seen, fold, seed, how, images, self.y, *self.folds[fold])

    def runs(self, name: str, seen: str, seed: int) -> list[dict[str, Any]]:
        """Train on every fold."""
        return [self.run(name, seen, seed, fold) for fold in range(FOLDS)]

    def row(self, runs: list[dict[str, Any]]) -> dict[str, Any]:
        """Return what is told of a network."""
        uar = scores([run["probabilities"] for run in runs], self.y, self.tests)
        return {
            "uar": float(np.mean(uar)),
            "std": float(np.std(uar)),
            "folds": uar,
            "seconds_per_epoch": float(np.median([run["seconds"] for run in runs])),
            "parameters": runs[0]["parameters"],
        }


def seen_by(name: str) -> str:
    """Return what images a network sees."""
    return "whole mel" if name in OF_ANY_LENGTH else "mel"


def alone(study: Study, name: str, seeds: range) -> dict[str, Any]:
    """Return a network from each of the seeds, and, if there are several, their average."""
    seen = seen_by(name)
    by_seed = [study.runs(name, seen, seed) for seed in seeds]
    rows = [study.row(runs) for runs in by_seed]
    one = rows[0] | {
        "uar": float(np.mean([row["uar"] for row in rows])),
        "std": float(np.mean([row["std"] for row in rows])),
        "folds": np.mean([row["folds"] for row in rows], axis=0).tolist(),
    }
    if len(seeds) == 1:
        return {name: one}
    averaged = study.row(
        [
            {
                "probabilities": np.mean([run["probabilities"] for run in of_fold], axis=0),
                "seconds": sum(run["seconds"] for run in of_fold),
                "parameters": sum(run["parameters"] for run in of_fold),
            }
            for of_fold in zip(*by_seed, strict=True)
        ]
    )
    return {name: one, f"{name}, {len(seeds)} averaged": averaged}


def fusion(study: Study, seed: int) -> dict[str, Any]:
    """Two `dropout3`, each trained alone; a dense network learns from both embeddings."""
    parts = {seen: study.runs("dropout3", seen, seed) for seen in FUSED}
    joined = []
    for (train, test), both in zip(study.folds, zip(*parts.values(), strict=True), strict=True):
        embeddings = np.hstack([run["embeddings"] for run in both])
        dense = DenseClassifier(random_state=seed)
        start = time.process_time()
        dense.fit(embeddings[train], study.y[train])
        seconds = (time.process_time() - start) / dense.n_epochs_
        joined.append(
            {
                "probabilities": dense.predict_proba(embeddings[test]),
                "seconds": seconds + sum(run["seconds"] for run in both),
                "parameters": dense.n_parameters_ + sum(run["parameters"] for run in both),
            }
        )
    rows = {f"dropout3 on {seen}": study.row(runs) for seen, runs in parts.items()}
    return rows | {"fusion": study.row(joined)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[*NAMES, []], default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1, help="of a network, the fusion apart")
    parser.add_argument("--folds", nargs="+", type=int, default=[], help="train on these alone")
    options = parser.parse_args()
    study = Study()
    seeds = range(options.seed, options.seed + options.seeds)
    for name in options.networks or NAMES:
        if options.folds:
            parts = (
                [("dropout3", seen) for seen in FUSED]
                if name == "fusion"
                else [(name, seen_by(name))]
            )
            for part, seed, fold in product(parts, seeds, options.folds):
                study.run(*part, seed, fold)
            continue
        new = fusion(study, options.seed) if name == "fusion" else alone(study, name, seeds)
        path = RESULTS / "networks.json"
        before = json.loads(path.read_text()).get("networks", {}) if path.exists() else {}
        keep("networks", {"seed": options.seed, "networks": before | new})
        for row, result in new.items():
            print(
                f"{row:24} UAR {result['uar']:.3f} +- {result['std']:.3f}  "
                f"{result['seconds_per_epoch']:6.1f} s/epoch  {result['parameters']:>9,} parameters"
            )


if __name__ == "__main__":
    main()
