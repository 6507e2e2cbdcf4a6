"""Which network for images? RAVDESS, chosen in each fold by its training speakers alone.

Six speaker-disjoint folds. In each, a quarter of the training speakers is held out to compare the
candidates, the best of them is trained on all training speakers, and the test speakers are
predicted with it: they have no part in the choice. Few epochs, as it is a comparison; the
normalisation of the 3 x 3 candidates counts padding, that of ours does not.

Run: ``python benchmarks/choose_network.py [--epochs 20] [--folds 6] [--jobs 2] [CANDIDATE ...]``;
an hour of one core.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

import numpy as np
from _common import keep, ravdess_corpus
from bench_networks import FOLDS, IMAGES, OWN
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import (
    Conv2DClassifier,
    SpectrogramScaler,
    TrimSilence,
    uar_score,
)
from skser.neural.architectures._residual2d_views import embed_views
from skser.neural.architectures._residual_stack import residual_stack


def squares(input_shape: tuple[Any, ...], n_classes: int) -> Any:
    """Build residual blocks of 3 x 3 convolutions, halving rows and frames."""
    import keras
    from keras import layers

    from skser.neural.layers import AttentiveStatisticsPooling, HalveMask, MaskPadding

    inputs = keras.Input(input_shape)
    x, mask = MaskPadding()(inputs)
    for width in (16, 32, 64):
        # Pools, no strides: TensorFlow 2.21 damages its memory in strided ones of changing length.
        short = layers.Conv2D(width, 1)(layers.AveragePooling2D(2, padding="same")(x))
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D(2, padding="same")(x)
        x = layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same", use_bias=False)(x))
        x = layers.ReLU()(layers.Add()([x, short]))
        mask = HalveMask()(mask)
    x = layers.Reshape((-1, x.shape[1] * x.shape[3]))(layers.Permute((2, 1, 3))(x))
    x = layers.Dropout(0.2)(AttentiveStatisticsPooling(64)(x, mask))
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def squares_then_frames(input_shape: tuple[Any, ...], n_classes: int) -> Any:
    """Build two 3 x 3 convolutions, then the residual blocks over frames."""
    import keras
    from keras import layers

    from skser.neural.layers import MaskPadding

    inputs = keras.Input(input_shape)
    x, mask = MaskPadding()(inputs)
    for width in (8, 16):
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D((2, 1))(layers.ReLU()(layers.BatchNormalization()(x)))
    return over_frames(inputs, x, mask, n_classes)


def over_frames(inputs: Any, x: Any, mask: Any, n_classes: int) -> Any:
    """Finish with residual blocks over frames."""
    import keras
    from keras import layers

    x = layers.Reshape((-1, x.shape[1] * x.shape[3]))(layers.Permute((2, 1, 3))(x))
    x = residual_stack([x], mask)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def one_of_views(input_shape: tuple[Any, ...], n_classes: int) -> Any:
    """Build `residual2d-views` as one network: a last layer for all, and no loss but its own."""
    import keras
    from keras import layers

    from skser.neural.layers import MaskPadding

    inputs = keras.Input(input_shape)
    x = embed_views(*MaskPadding()(inputs))
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


CANDIDATES: dict[str, tuple[Any, dict[str, Any]]] = {
    "3 x 3": (squares, {}),
    "3 x 3, then frames": (squares_then_frames, {}),
    "residual2d": ("residual2d", {}),
    "residual2d, plain": ("residual2d", {"time_mask": 0, "frequency_mask": 0, "mixup": 0.0}),
    "views as one": (one_of_views, {}),
    "residual2d-views": ("residual2d-views", {}),
}


def score(name: str, epochs: int, X: Any, y: Any, train: Any, test: Any) -> float:
    """Return the UAR on the test clips."""
    network, how = CANDIDATES[name]
    how = OWN | how | {"epochs": epochs}
    classifier = Conv2DClassifier(network, random_state=0, **how)
    pipeline = make_pipeline(SpectrogramScaler(), classifier).fit(X[train], y[train])
    return float(uar_score(y[test], pipeline.predict(X[test])))


def choose(options: argparse.Namespace, X: Any, y: Any, speakers: Any, split: Any) -> Any:
    """Choose by speakers held out of the training speakers; return scores, and that of the best."""
    train, test = split
    inner = StratifiedGroupKFold(4).split(X[train], y[train], speakers[train])
    fit, watched = (train[part] for part in next(inner))
    found = {name: score(name, options.epochs, X, y, fit, watched) for name in options.candidates}
    best = max(found, key=lambda name: found[name])
    reached = score(best, options.epochs, X, y, train, test)
    shown = ", ".join(f"{name} {uar:.3f}" for name, uar in found.items())
    print(f"{shown}; {best!r} on the test speakers: {reached:.3f}", flush=True)
    return {"held out": found, "chosen": best, "test": reached}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidates", nargs="*", choices=[*CANDIDATES, []], default=[])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--folds", type=int, default=FOLDS, help="so many of the six")
    parser.add_argument("--jobs", type=int, default=1, help="folds at once")
    options = parser.parse_args()
    options.candidates = options.candidates or [*CANDIDATES]
    corpus = ravdess_corpus()
    y, speakers = np.asarray(corpus.target), corpus.groups
    X = IMAGES["whole mel"].fit_transform(TrimSilence().fit_transform(corpus.data))
    splits = list(StratifiedGroupKFold(FOLDS).split(X, y, speakers))[: options.folds]
    folds = Parallel(n_jobs=options.jobs)(
        delayed(choose)(options, X, y, speakers, split) for split in splits
    )
    chosen = Counter(fold["chosen"] for fold in folds)
    rows = {
        name: {
            "held out": float(np.mean([fold["held out"][name] for fold in folds])),
            "folds it was chosen in": chosen[name],
        }
        for name in options.candidates
    }
    for name, row in rows.items():
        print(f"{name:20} held out {row['held out']:.3f}, chosen in {chosen[name]} folds")
    reached = float(np.mean([fold["test"] for fold in folds]))
    print(f"chosen in the fold, test speakers: {reached:.3f}")
    result = {"epochs": options.epochs, "candidates": rows}
    keep("choice", result | {"UAR of the chosen on test speakers": reached, "folds": folds})


if __name__ == "__main__":
    main()
