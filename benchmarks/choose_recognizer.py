"""How "best" joins its members, chosen on held-out training speakers, and what the choice is worth.

For RAVDESS (six speaker-disjoint folds) and EMO-DB (one speaker left out at a time), with and
without speaker normalisation: in each fold every member of `make_recognizer("best")` is fitted
twice. Once without a quarter of the training speakers, whose probabilities tell ways of joining
apart (part ``held_out``); once with all of them, to score the fold's test speakers (part ``test``).
A way is chosen where its mean over both corpora and both protocols is highest on the speakers held
out; the test speakers are looked at afterwards, and with ``--test`` alone.

Run: ``python benchmarks/choose_recognizer.py [--test] [--epochs 40] [--jobs 2]``; about four hours
of one core. A run that was stopped goes on where it was: each fit is a file in
``benchmarks/results/recognizer``, and what is in ``benchmarks/tables/recognizer.npz`` is not fitted
again. ``--pack`` writes that table from the files. Delete both after a change to the features or
the members.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _common import RESULTS, known_corpus
from joblib import Parallel, delayed
from scipy.special import softmax
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

from skser import make_recognizer, uar_score, with_speakers

FITS = RESULTS / "recognizer"
TABLE = Path(__file__).parent / "tables" / "recognizer.npz"
CORPORA = {"emo_db": LeaveOneGroupOut(), "ravdess": StratifiedGroupKFold(6)}
PROTOCOLS = {"strangers": False, "normalised": True}
MEMBERS = ["fast", "bare", "network"]  # bare: "fast" without the embedding.
PARTS = ["test", "held_out"]


class Fit(NamedTuple):
    """One fit of a member, and the part of the clips that it predicts."""

    corpus: str
    fold: int
    protocol: str
    member: str
    part: str

    def name(self, epochs: int) -> str:
        """Return under which name its probabilities are kept."""
        suffix = f"-{epochs}" if self.member == "network" else ""
        return f"{'-'.join(map(str, self))}{suffix}"


def kept(name: str) -> dict[str, Any] | None:
    """Return the clips that a fit predicted, and its probabilities, if it was made before."""
    path = FITS / f"{name}.npz"
    if path.exists():
        return dict(np.load(path))
    if not TABLE.exists():
        return None
    with np.load(TABLE) as found:
        if f"{name}/clips" not in found:
            return None
        return {part: found[f"{name}/{part}"] for part in ("clips", "probabilities")}


def pack() -> None:
    """Write all fits that are there to the table."""
    arrays = dict(np.load(TABLE)) if TABLE.exists() else {}
    for path in sorted(FITS.glob("*.npz")):
        for part, values in np.load(path).items():
            # The fourth digit of a probability decides nothing.
            arrays[f"{path.stem}/{part}"] = values.astype(
                np.float16 if values.ndim > 1 else np.int16
            )
    np.savez_compressed(TABLE, **dict(sorted(arrays.items())))


def data(name: str) -> tuple[Any, Any, Any]:
    """Return clips that carry their speaker, labels, and train and test of each fold."""
    corpus = known_corpus(name)
    y, speakers = np.asarray(corpus.target), np.asarray(corpus.groups)
    folds = list(CORPORA[name].split(y, y, speakers))
    return (
        with_speakers(corpus.data, speakers),
        y,
        [(train, test, speakers) for train, test in folds],
    )


def split(fit: Fit, y: Any, folds: Any) -> tuple[Any, Any]:
    """Return which clips to learn from, and which to predict."""
    train, test, speakers = folds[fit.fold]
    if fit.part == "test":
        return train, test
    inner = StratifiedGroupKFold(4).split(train, y[train], speakers[train])
    learn, held_out = (train[part] for part in next(inner))
    return learn, held_out


def keep_probabilities(fit: Fit, epochs: int) -> None:
    """Fit a member, and keep its probabilities of the clips it has not seen."""
    if kept(fit.name(epochs)) is not None:
        return
    X, y, folds = data(fit.corpus)
    learn, predict = split(fit, y, folds)
    recognizer: Any = make_recognizer(
        "best",
        embedding=fit.member == "fast",
        speaker_normalization=PROTOCOLS[fit.protocol],
        memory=RESULTS / "features",
        random_state=0,
    )
    recognizer.set_params(network__classify__epochs=epochs)
    member = dict(recognizer.estimators)["network" if fit.member == "network" else "fast"]
    member.fit(X[learn], y[learn])
    said = member.predict_proba(X[predict])
    np.savez_compressed(
        FITS / f"{fit.name(epochs)}.npz", clips=predict, probabilities=said.astype(np.float32)
    )
    print(*fit, f"{uar_score(y[predict], member.classes_[said.argmax(axis=1)]):.3f}", flush=True)


def arithmetic(a: Any, b: Any, weight: float) -> Any:
    return (1 - weight) * a + weight * b


def geometric(a: Any, b: Any, weight: float) -> Any:
    return softmax((1 - weight) * np.log(a + 1e-9) + weight * np.log(b + 1e-9), axis=1)


WEIGHTS = [0.25, 1 / 3, 0.4, 0.5, 0.6, 0.7]
"""Of the network."""

WAYS = {
    f"{how.__name__} {weight:.2f}": (how, weight)
    for how, weight in product([arithmetic, geometric], WEIGHTS)
} | {"machine alone": (arithmetic, 0.0), "network alone": (arithmetic, 1.0)}


def table(part: str, epochs: int) -> pd.DataFrame:
    """Return the UAR of every way of joining in every fold whose fits are there."""
    rows = []
    for name in CORPORA:
        _, y, folds = data(name)
        classes = np.unique(y)
        for fold, protocol, machine in product(range(len(folds)), PROTOCOLS, ["fast", "bare"]):
            fits = [
                kept(Fit(name, fold, protocol, member, part).name(epochs))
                for member in (machine, "network")
            ]
            if fits[0] is None or fits[1] is None:
                continue
            a, b = (fit["probabilities"].astype(float) for fit in fits if fit is not None)
            clips = fits[0]["clips"]
            for way, (how, weight) in WAYS.items():
                said = classes[how(a, b, weight).argmax(axis=1)]
                score = uar_score(y[clips], said)
                rows.append((name, protocol, machine, fold, way, score))
    return pd.DataFrame(rows, columns=["corpus", "protocol", "machine", "fold", "way", "uar"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--members", nargs="+", choices=MEMBERS, default=MEMBERS)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=[*CORPORA])
    parser.add_argument("--test", action="store_true", help="show the test speakers' scores too")
    parser.add_argument("--no-fits", action="store_true", help="show what there is")
    parser.add_argument("--pack", action="store_true", help="write the table")
    options = parser.parse_args()
    FITS.mkdir(parents=True, exist_ok=True)
    fits = [
        Fit(name, fold, protocol, member, part)
        for part, name in product(options.parts, options.corpora)
        for member, protocol in product(options.members, PROTOCOLS)
        for fold in range(len(data(name)[2]))
    ]
    if not options.no_fits:
        Parallel(options.jobs)(delayed(keep_probabilities)(fit, options.epochs) for fit in fits)
    if options.pack:
        pack()
    for part in PARTS[::-1] if options.test else ["held_out"]:
        scores = table(part, options.epochs)
        by = ["machine", "corpus", "protocol"]
        if scores.empty:
            print(f"\n{part}: no network has been fitted")
            continue
        print(f"\n{part}, folds: {scores.groupby('corpus')['fold'].nunique().to_dict()}")
        means = scores.groupby(["way", *by])["uar"].mean().unstack(by)
        means.insert(0, ("mean", "", ""), means.mean(axis=1))
        print(means.round(3).to_string())
        if part == "test":
            deviations = scores.groupby(["way", *by])["uar"].std(ddof=0).unstack(by)
            print("standard deviation over folds\n" + deviations.round(3).to_string())


if __name__ == "__main__":
    main()
