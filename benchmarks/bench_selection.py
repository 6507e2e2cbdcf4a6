"""Incremental selection with a store and without: ten features, five folds, an SVM.

Of each search, what counts is the CPU time inside the union's fit, transform and fit_transform:
decoding, analysis, looking up, keeping. The classifier's own time, which no store can spare, is
left out; the whole search is told beside it. Five searches over the same clips:

- no memory: each of ten sets of features is computed for the train and test clips of five folds,
  and once more for the best;
- memory, empty at first: a set adds one feature to what is kept, but for each feature that is
  added, each clip is decoded and its spectrum taken again;
- memory, empty at first, and ``prefetch(search, clips)`` before the search, which reads each clip
  once for all ten; its time is part of the figure, which is to be 20 times less than without
  memory;
- memory, filled before by ``union.fit_transform(clips)``, likewise;
- a second run of the same search.

One process, one thread. All of RAVDESS is ``--clips 1440`` and takes five times as long as the
default; what every fit costs (its first clip) then weighs less, and the last ratios are larger.

Run: ``python benchmarks/bench_selection.py``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _common import keep, ravdess_folder, ten_features

import numpy as np  # isort: skip
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold  # isort: skip
from sklearn.pipeline import Pipeline  # isort: skip
from sklearn.preprocessing import StandardScaler  # isort: skip
from sklearn.svm import SVC  # isort: skip

from skser import (  # isort: skip
    AudioFeatureUnion,
    incremental_grid,
    load_ravdess,
    make_audio_union,
    make_emotional_speech,
    prefetch,
)

MEMBERS = make_audio_union(*ten_features()).transformer_list
NAMES = [name for name, _ in MEMBERS]
spent = {"extraction": 0.0}


def timed(method: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        result = method(*args, **kwargs)
        spent["extraction"] += time.process_time() - began
        return result

    return run


class TimedUnion(AudioFeatureUnion):
    """A union that adds up the time its methods take."""

    fit = timed(AudioFeatureUnion.fit)
    transform = timed(AudioFeatureUnion.transform)
    fit_transform = timed(AudioFeatureUnion.fit_transform)


def corpus(n_clips: int) -> tuple[Any, Any, Any, str]:
    if (folder := ravdess_folder()) is not None:
        bunch, source = load_ravdess(folder), "RAVDESS"
    else:
        bunch = make_emotional_speech(n_per_class=-(-n_clips // 40), random_state=0)
        source = "built-in speech"
    # Spread over speakers and emotions alike.
    chosen = np.random.default_rng(0).permutation(len(bunch.data))[:n_clips]
    return bunch.data[chosen], bunch.target[chosen], bunch.groups[chosen], source


def search(
    X: Any,
    y: Any,
    groups: Any,
    memory: str | None,
    *,
    fill: bool = False,
    prefetched: bool = False,
) -> Any:
    """Return CPU seconds of extraction and of the whole, and the scores."""
    spent["extraction"] = 0.0
    began = time.process_time()
    if fill:
        TimedUnion(MEMBERS, memory=memory).fit_transform(X)
    pipeline = Pipeline(
        [
            ("features", TimedUnion(MEMBERS, memory=memory)),
            ("scale", StandardScaler()),
            ("classify", SVC(C=10)),
        ]
    )
    grid = incremental_grid("features", keep=NAMES[:1], add=NAMES[1:])
    found = GridSearchCV(pipeline, grid, cv=StratifiedGroupKFold(5))
    if prefetched:
        timed(prefetch)(found, X)
    found.fit(X, y, groups=groups)
    whole = time.process_time() - began
    return spent["extraction"], whole, found.cv_results_["mean_test_score"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=288)
    options = parser.parse_args()
    X, y, groups, source = corpus(options.clips)
    print(f"{len(X)} clips from {source}, {len(NAMES)} sets of features, 5 folds; s of CPU")
    print(f"{'':24s} {'extraction':>10s} {'whole':>8s} {'extraction: less by':>20s}")
    rows: dict[str, dict[str, float]] = {}
    reference = None
    with tempfile.TemporaryDirectory() as folder:
        empty, filled, ahead = (str(Path(folder, name)) for name in ("empty", "filled", "ahead"))
        runs: dict[str, dict[str, Any]] = {
            "no memory": {"memory": None},
            "memory, empty at first": {"memory": empty},
            "memory, prefetch": {"memory": ahead, "prefetched": True},
            "memory, filled before": {"memory": filled, "fill": True},
            "a second run": {"memory": filled},
        }
        for name, how in runs.items():
            extraction, whole, scores = search(X, y, groups, **how)
            reference = scores if reference is None else reference
            np.testing.assert_array_equal(scores, reference)
            less = (rows.get("no memory") or {"extraction_s": extraction})["extraction_s"]
            rows[name] = {
                "extraction_s": extraction,
                "whole_s": whole,
                "extraction_less_by": less / extraction,
            }
            print(f"{name:24s} {extraction:10.2f} {whole:8.2f} {less / extraction:20.1f}")
    keep("selection", {"clips": len(X), "source": source, "rows": rows})


if __name__ == "__main__":
    main()
