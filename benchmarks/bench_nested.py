"""What a selection believes it has reached, and what it is worth on other speakers: RAVDESS.

Ten features (mean and deviation over time) of every third speaker, 480 clips, an SVM. A
`SequentialGroupSelector` chooses among them on four speaker-disjoint folds, in several ways; the
score of its choice is compared with `nested_score`, four outer folds.

Run: ``python benchmarks/bench_nested.py``; RAVDESS is needed.
"""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from _common import keep, ravdess_corpus, ten_features

import numpy as np  # isort: skip
from sklearn.model_selection import StratifiedGroupKFold  # isort: skip
from sklearn.pipeline import Pipeline  # isort: skip
from sklearn.preprocessing import StandardScaler  # isort: skip
from sklearn.svm import SVC  # isort: skip

from skser import (  # isort: skip
    SequentialGroupSelector,
    format_selection_table,
    make_audio_union,
    nested_score,
    subset_corpus,
)

WAYS: dict[str, dict[str, Any]] = {
    "forward": {},
    "forward, paired test": {"tol": "paired"},
    "floating": {"direction": "floating"},
    "backward, all steps": {"direction": "backward", "tol": None},
}


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    corpus = ravdess_corpus()
    third = subset_corpus(corpus, np.isin(corpus.groups, np.unique(corpus.groups)[::3]))
    features = [feature.set_params(pooling=["mean", "std"]) for feature in ten_features()]
    rows: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(
            [
                ("features", make_audio_union(*features, memory=folder)),
                ("scale", StandardScaler()),
                ("classify", SVC(C=10)),
            ]
        )
        for name, how in WAYS.items():
            selector = SequentialGroupSelector(
                pipeline,
                cv=StratifiedGroupKFold(4, shuffle=True, random_state=0),
                scoring="balanced_accuracy",
                **how,
            ).fit(third.data, third.target, groups=third.groups)
            print(f"{name}: {', '.join(selector.groups_)}")
            print(format_selection_table(selector.steps_, escape=None).to_string(delimiter=" | "))
            nested = nested_score(selector, third.data, third.target, groups=third.groups, cv=4)
            print(nested.to_string(), flush=True)
            rows[name] = {
                "chosen": len(selector.groups_),
                "score_of_the_choice": selector.best_score_,
                "nested_score": nested["score"].mean(),
                "nested_std": nested["score"].std(ddof=0),
            }
            print({key: round(float(value), 3) for key, value in rows[name].items()}, flush=True)
    keep("nested", {"clips": len(third.data), "speakers": 8, "rows": rows})


if __name__ == "__main__":
    main()
