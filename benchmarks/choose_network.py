"""Which networks for images, and which together? RAVDESS, chosen by the training speakers alone.

Six speaker-disjoint folds. In each, a quarter of the training speakers is held out. Each member is
trained alone, by cross-entropy; a candidate is a member, or several whose probabilities are
averaged geometrically, which is about what `EnsembleDense` makes of members that learn as if
alone (there they also share batches, masks and mixtures). The best candidate of a fold is trained
on all its training speakers, and predicts the test speakers: they have no part in the choice.

Run: ``python benchmarks/choose_network.py [--epochs 30] [--most 3] [--folds 6] [--jobs 2] [MEMBER
...]``; an hour of one core. What was trained is kept in ``benchmarks/results/chosen``; delete it
after a change to skser, to the images or to the folds.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from _common import RESULTS, keep, ravdess_corpus
from bench_networks import FOLDS, IMAGES, OWN, scores
from joblib import Memory, Parallel, delayed
from scipy.stats import gmean
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import Conv2DClassifier, SpectrogramScaler, TrimSilence
from skser.neural.architectures._residual2d_views import embed_cepstrum, embed_without_level
from skser.neural.architectures._residual_stack import lay_out, residual_stack
from skser.neural.architectures._square_stack import square_stack

if TYPE_CHECKING:
    import keras

SEPARATOR = " + "
memory = Memory(RESULTS / "chosen", verbose=0)


def frames(image: Any, mask: Any) -> Any:
    """Convolve over frames."""
    return residual_stack(lay_out(image), mask, halve=True)


MEMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "frames": frames,
    "frames of cepstrum": embed_cepstrum,
    "3 x 3": square_stack,
    "3 x 3, without level": embed_without_level,
}


def build(
    embed: Callable[[Any, Any], Any], input_shape: tuple[Any, ...], n_classes: int
) -> keras.Model:
    """Build a member alone."""
    import keras

    from skser.neural.layers import MaskPadding

    inputs = keras.Input(input_shape)
    x = embed(*MaskPadding()(inputs))
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


@memory.cache(ignore=["X", "y", "train", "test"])  # type: ignore[untyped-decorator]
def predicted(
    member: str, part: str, fold: int, how: dict[str, Any], X: Any, y: Any, train: Any, test: Any
) -> Any:
    """Return what a member says of the test clips."""
    network = partial(build, MEMBERS[member])
    classifier = Conv2DClassifier(network, random_state=0, **how)
    pipeline = make_pipeline(SpectrogramScaler(), classifier).fit(X[train], y[train])
    probabilities = pipeline.predict_proba(X[test])
    print(f"{member}, {part}, {fold}: {scores([probabilities], y, [test])[0]:.3f}", flush=True)
    return probabilities


class Study:
    """The corpus as images, and its folds."""

    def __init__(self, epochs: int) -> None:
        corpus = ravdess_corpus()
        self.how = OWN | {"epochs": epochs}
        self.y, self.speakers = np.asarray(corpus.target), corpus.groups
        self.X = IMAGES["whole mel"].fit_transform(TrimSilence().fit_transform(corpus.data))
        self.folds = list(StratifiedGroupKFold(FOLDS).split(self.X, self.y, self.speakers))

    def held_out(self, fold: int, members: list[str], most: int) -> dict[str, float]:
        """Return the UAR of each candidate on speakers held out of the training speakers."""
        train, _ = self.folds[fold]
        inner = StratifiedGroupKFold(4).split(train, self.y[train], self.speakers[train])
        fit, held_out = (train[part] for part in next(inner))
        said = self._say("held out", fold, members, fit, held_out)
        sizes = range(1, most + 1)
        candidates = chain.from_iterable(combinations(members, size) for size in sizes)
        return {
            SEPARATOR.join(candidate): self._score([said[name] for name in candidate], held_out)
            for candidate in candidates
        }

    def test(self, fold: int, candidate: str) -> float:
        """Return the UAR of a candidate on the test speakers."""
        train, test = self.folds[fold]
        said = self._say("test", fold, candidate.split(SEPARATOR), train, test)
        return self._score([*said.values()], test)

    def _score(self, probabilities: list[Any], clips: Any) -> float:
        return scores([gmean(probabilities, axis=0)], self.y, [clips])[0]

    def _say(self, part: str, fold: int, members: list[str], train: Any, test: Any) -> Any:
        data = self.X, self.y, train, test
        return {name: predicted(name, part, fold, self.how, *data) for name in members}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("members", nargs="*", choices=[*MEMBERS, []], default=[])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--most", type=int, default=3, help="members of a candidate")
    parser.add_argument("--folds", type=int, default=FOLDS, help="so many of the six")
    parser.add_argument("--jobs", type=int, default=1, help="folds at once")
    options = parser.parse_args()
    options.members = options.members or [*MEMBERS]
    study, folds = Study(options.epochs), range(options.folds)
    parallel = Parallel(n_jobs=options.jobs)
    found = parallel(delayed(study.held_out)(k, options.members, options.most) for k in folds)
    best = [max(of_fold, key=lambda name: of_fold[name]) for of_fold in found]
    chosen = Counter(best)
    rows = {
        name: {
            "held out": float(np.mean([of_fold[name] for of_fold in found])),
            "folds it was chosen in": chosen[name],
        }
        for name in found[0]
    }
    rows = dict(sorted(rows.items(), key=lambda row: -row[1]["held out"]))
    for name, row in rows.items():
        print(f"held out {row['held out']:.3f}, chosen in {chosen[name]} folds: {name}")
    reached = parallel(delayed(study.test)(k, best[k]) for k in folds)
    mean = float(np.mean(reached))
    print(f"chosen in the fold, test speakers: {mean:.3f}")
    each = [
        {"held out": of_fold, "chosen": name, "test": uar}
        for of_fold, name, uar in zip(found, best, reached, strict=True)
    ]
    result = {"epochs": options.epochs, "candidates": rows, "folds": each}
    keep("choice", result | {"UAR of the chosen on test speakers": mean})


if __name__ == "__main__":
    main()
