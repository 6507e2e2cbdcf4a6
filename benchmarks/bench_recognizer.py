"""What `make_recognizer` is worth on speakers it has not heard, and what it costs.

RAVDESS in six speaker-disjoint folds, EMO-DB (an altered copy) leaving one speaker out: UAR as
mean and standard deviation over the folds. "strangers" know nothing of the test speakers; "speaker
normalised" standardises each test speaker by all unlabelled test clips (transductive). Features
are extracted once, into ``benchmarks/results/features``; seconds are processor time of fitting
without extraction, mean of the folds, and of one clip of 3 s from samples, extraction included.

Run: ``python benchmarks/bench_recognizer.py [--kinds fast best] [--corpora ravdess emo_db]``;
"best" takes hours. It uses the speech embedding if it was fetched; ``--without-embedding`` leaves
it out.
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from typing import Any

import numpy as np
from _common import RESULTS, keep, known_corpus
from sklearn.base import clone
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

from skser import Audio, make_recognizer, uar_score, with_speakers

FOLDS = {"ravdess": StratifiedGroupKFold(6), "emo_db": LeaveOneGroupOut()}


def scored(recognizer: Any, X: Any, y: Any, train: Any, test: Any) -> tuple[float, float]:
    """Return the UAR of a fold, and the processor time of the fit."""
    fitted, start = clone(recognizer), time.process_time()
    fitted.fit(X[train], y[train])
    seconds = time.process_time() - start
    return float(uar_score(y[test], fitted.predict(X[test]))), seconds


def ms_a_clip(recognizer: Any, sr: int = 16000, n_clips: int = 20) -> float:
    """Return the processor time of recognising one clip of 3 s alone, in ms."""
    rng = np.random.default_rng(0)
    clips = [Audio(rng.normal(scale=0.05, size=3 * sr), sr, "anna") for _ in range(n_clips + 2)]
    for clip in clips[:2]:
        recognizer.predict([clip])
    start = time.process_time()
    for clip in clips[2:]:
        recognizer.predict([clip])
    return 1000 * (time.process_time() - start) / n_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=["fast", "best"], default=["fast"])
    parser.add_argument("--corpora", nargs="+", choices=FOLDS, default=[*FOLDS])
    parser.add_argument("--without-embedding", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    result = {}
    for name in options.corpora:
        corpus = known_corpus(name)
        y, speakers = np.asarray(corpus.target), np.asarray(corpus.groups)
        X = with_speakers(corpus.data, speakers)
        folds = list(FOLDS[name].split(X, y, speakers))
        for kind, normalized in product(options.kinds, [False, True]):
            how: dict[str, Any] = {
                "embedding": False if options.without_embedding else None,
                "speaker_normalization": normalized,
                "random_state": options.seed,
            }
            recognizer = make_recognizer(kind, memory=RESULTS / "features", **how)
            clone(recognizer).set_params(**_cheap(kind)).fit(X, y)
            runs = [scored(recognizer, X, y, *fold) for fold in folds]
            uar = [run[0] for run in runs]
            without_store = make_recognizer(kind, **how).set_params(**_cheap(kind))
            protocol = "speaker normalised" if normalized else "strangers"
            row = {
                "uar": float(np.mean(uar)),
                "std": float(np.std(uar)),
                "folds": uar,
                "fit_seconds": float(np.mean([run[1] for run in runs])),
                "ms_a_clip": ms_a_clip(without_store.fit(X[::20], y[::20])),
            }
            result[f"{kind}, {name}, {protocol}"] = row
            print(
                f"{kind:5} {name:8} {protocol:18} UAR {row['uar']:.3f} +- {row['std']:.3f}, fit "
                f"{row['fit_seconds']:.1f} s, one clip {row['ms_a_clip']:.0f} ms",
                flush=True,
            )
    keep("recognizer", {"embedding": not options.without_embedding, "rows": result})


def _cheap(kind: str) -> dict[str, Any]:
    """Return what makes a first fit, which fills the store, short."""
    return {"network__classify__epochs": 1} if kind == "best" else {}


if __name__ == "__main__":
    main()
