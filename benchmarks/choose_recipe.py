"""What `make_recognizer` is made of: features and machine, chosen by the training speakers alone.

RAVDESS (six speaker-disjoint folds) and EMO-DB (one speaker left out at a time). In each outer
fold, every candidate (a set of features with a machine) is scored on training speakers that are
held out, in four inner folds; test speakers have no part in it. The score of a candidate is the
mean of its inner scores on both corpora. The script prints the table of inner scores, and the score
on the test speakers of each fold of the candidate that is best on its inner folds.

One table is for plain features, and one for features standardised by speaker.

Run: ``python benchmarks/choose_recipe.py [--corpora ravdess emo_db] [--jobs 2]``; about an hour of
one core after the features are extracted, which are kept in ``benchmarks/results/features``. It
needs the speech embedding (`fetch_speech_embedding`).
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _common import RESULTS, known_corpus
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    EGeMAPS,
    SpectralContrast,
    SpeechEmbedding,
    SpeechRhythm,
    make_audio_union,
    uar_score,
)
from skser.recipes._make_recognizer import SHORT_MFCC, SPECTRAL, VOICE

TABLES = Path(__file__).parent / "tables"
CORPORA = {"ravdess": StratifiedGroupKFold(6), "emo_db": LeaveOneGroupOut()}
MACHINES: dict[str, Any] = {
    "SVC 10": SVC(C=10, class_weight="balanced"),
    "logistic .003": LogisticRegression(C=0.003, class_weight="balanced", max_iter=2000),
    "logistic .01": LogisticRegression(C=0.01, class_weight="balanced", max_iter=2000),
}
FEW = {"pooling": ("mean", "std", "p05", "p95"), "deltas": 1}
MANY = {"pooling": "functionals", "deltas": 2}
PARTS = {
    "few": [MFCC(20, **FEW), SpectralContrast(**FEW)],
    "spectral": [feature(**MANY) for feature in (*SPECTRAL, SHORT_MFCC)],
    "voice": [*(feature(**MANY) for feature in VOICE), SpeechRhythm()],
    "eGeMAPS": [EGeMAPS()],
    "embedding": [SpeechEmbedding()],
}
SETS = [
    ("few", "eGeMAPS"),
    ("few", "eGeMAPS", "embedding"),
    ("spectral",),
    ("voice", "eGeMAPS"),
    ("embedding",),
    ("spectral", "voice", "eGeMAPS"),
    ("spectral", "voice", "eGeMAPS", "embedding"),
]


def by_speaker(rows: Any, speakers: Any) -> Any:
    """Standardise the rows of each speaker."""
    result = np.empty_like(rows)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        result[own] = StandardScaler().fit_transform(rows[own])
    return result


def score(machine: Any, X: Any, y: Any, train: Any, test: Any) -> float:
    """Return the UAR of a machine on the test clips."""
    scalers = MinMaxScaler(clip=True), StandardScaler()
    fitted = make_pipeline(*scalers, clone(machine)).fit(X[train], y[train])
    return float(uar_score(y[test], fitted.predict(X[test])))


def inner_and_test(
    machine: Any, X: Any, y: Any, speakers: Any, train: Any, test: Any
) -> tuple[float, float]:
    """Return the mean UAR on training speakers held out, and the UAR on the test speakers."""
    inner = [
        score(machine, X, y, train[fit], train[held_out])
        for fit, held_out in StratifiedGroupKFold(4).split(train, y[train], speakers[train])
    ]
    return float(np.mean(inner)), score(machine, X, y, train, test)


def chosen(rows: pd.DataFrame) -> str:
    """Return the test scores of the candidates that are best on the inner splits of each fold."""
    parts = []
    for name, of_corpus in rows.groupby("corpus", sort=False):
        scores = of_corpus.loc[of_corpus.groupby("fold")["inner"].idxmax(), "test"]
        parts.append(f"{name} {scores.mean():.3f} +- {scores.std(ddof=0):.3f}")
    return ", ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=[*CORPORA])
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    tables = []
    for name in options.corpora:
        corpus = known_corpus(name)
        y, speakers = np.asarray(corpus.target), np.asarray(corpus.groups)
        memory = RESULTS / "features"
        rows = {
            part: make_audio_union(*members, memory=memory).fit_transform(corpus.data)
            for part, members in PARTS.items()
        }
        folds = list(CORPORA[name].split(y, y, speakers))
        for kind in ("strangers", "each speaker standardised"):
            jobs = list(product(SETS, MACHINES, range(len(folds))))
            X = {parts: np.hstack([rows[part] for part in parts]) for parts in SETS}
            if kind != "strangers":
                X = {parts: by_speaker(block, speakers) for parts, block in X.items()}
            found = Parallel(n_jobs=options.jobs)(
                delayed(inner_and_test)(MACHINES[m], X[parts], y, speakers, *folds[fold])
                for parts, m, fold in jobs
            )
            tables += [
                {
                    "corpus": name,
                    "kind": kind,
                    "features": " + ".join(parts),
                    "machine": machine,
                    "fold": fold,
                    "inner": inner,
                    "test": test,
                }
                for (parts, machine, fold), (inner, test) in zip(jobs, found, strict=True)
            ]
            print(f"{name}, {kind}: done", flush=True)
    table = pd.DataFrame(tables)
    table.round(4).to_csv(TABLES / "recipe.csv", index=False)
    for kind, of_kind in table.groupby("kind", sort=False):
        print(f"\n{kind}: mean inner UAR")
        means = of_kind.pivot_table(
            index=["features", "machine"], columns="corpus", values="inner", sort=False
        )
        means["mean"] = means.mean(axis=1)
        print(means.sort_values("mean", ascending=False).head(15).round(3).to_string())
        for features, of_features in of_kind.groupby("features", sort=False):
            print(f"test, machine chosen in each fold: {features:36} {chosen(of_features)}")
        print(f"test, features and machine chosen in each fold: {chosen(of_kind)}")


if __name__ == "__main__":
    main()
