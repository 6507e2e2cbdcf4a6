"""Images computed by a six-fold cross-validation of `Mel2D` and a network, with a store.

Counted are calls of the code that computes an image, on RAVDESS. Without a store every fold
computes its training and its test images, and the first image of its fit once more for its shape.

Run: ``python benchmarks/bench_images.py``; a few minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from _common import keep, ravdess_corpus
from sklearn.model_selection import StratifiedGroupKFold, cross_validate
from sklearn.pipeline import make_pipeline

from skser import Conv2DClassifier, Mel2D, SpectrogramScaler, cache_info, make_audio_union

FOLDS = 6


def count_images(counts: list[int]) -> None:
    """Have `Mel2D` count the images that it computes."""
    original = Mel2D._frames

    def counted(self: Any, analysis: Any) -> Any:
        counts[-1] += 1
        return original(self, analysis)

    Mel2D._frames = counted  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1440, help="how many clips (default: all)")
    options = parser.parse_args()
    corpus = ravdess_corpus()
    chosen = np.linspace(0, len(corpus.data) - 1, options.clips).astype(int)
    X, y, groups = corpus.data[chosen], corpus.target[chosen], corpus.groups[chosen]
    counts: list[int] = []
    count_images(counts)
    with tempfile.TemporaryDirectory() as folder:
        runs: list[tuple[str, Path | None]] = [
            ("without a store", None),
            ("store, first run", Path(folder)),
            ("store, second run", Path(folder)),
        ]
        for name, memory in runs:
            union = make_audio_union(Mel2D(64), sr=16000, n_fft=1024, memory=memory)
            network = Conv2DClassifier("residual2d", epochs=1, random_state=0)
            counts.append(0)
            cross_validate(
                make_pipeline(union, SpectrogramScaler(), network),
                X,
                y,
                groups=groups,
                cv=StratifiedGroupKFold(FOLDS),
                error_score="raise",
            )
            print(f"{name}: {counts[-1]} images computed for {len(X)} clips", flush=True)
        info = cache_info(folder)
    print(f"the store holds {info['n_values']} images, {info['file_bytes'] / 1e6:.1f} MB")
    keep(
        "images",
        {
            "clips": len(X),
            "folds": FOLDS,
            "images_without_store": counts[0],
            "images_first_run": counts[1],
            "images_second_run": counts[2],
            "store_bytes": info["file_bytes"],
        },
    )


if __name__ == "__main__":
    main()
