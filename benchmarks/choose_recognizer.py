"""What networks say of speakers held out of the training speakers: the costly part of a choice.

For RAVDESS (six speaker-disjoint folds) and EMO-DB (one speaker left out at a time): in each fold a
quarter of the training speakers is held out, `residual2d-views` learns from the others, and its
probabilities for the speakers held out are kept, for images as they are (``plain``) and for images
whose rows are standardised by each speaker's own clips (``speaker``). Test speakers of the fold are
not touched, so that whatever joins the network with other recognisers can be chosen on these
probabilities.

Run: ``python benchmarks/choose_recognizer.py [--epochs 30] [--corpora emo_db ravdess]``; more than
an hour of one core. A run that was stopped goes on where it was: each fit is a file in
``benchmarks/tables/held_out``, delete it after a change to the images or the folds.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from _common import known_corpus
from bench_networks import IMAGES, OWN, scores
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import Conv2DClassifier, SpectrogramScaler, TrimSilence

TABLES = Path(__file__).parent / "tables" / "held_out"
CORPORA = {"emo_db": LeaveOneGroupOut(), "ravdess": StratifiedGroupKFold(6)}


def standardized(images: Any, speakers: Any) -> Any:
    """Standardise the rows of each speaker's images by all that speaker's frames."""
    result = np.empty_like(images)
    for speaker in np.unique(speakers):
        own = np.flatnonzero(speakers == speaker)
        frames = np.concatenate([images[i] for i in own], axis=1)
        mean, scale = frames.mean(axis=1, keepdims=True), frames.std(axis=1, keepdims=True)
        for i in own:
            result[i] = (images[i] - mean) / scale
    return result


def held_out_split(train: Any, y: Any, speakers: Any) -> tuple[Any, Any]:
    """Return which of the training clips to learn from, and which to hold out."""
    inner = StratifiedGroupKFold(4).split(train, y[train], speakers[train])
    fit, held_out = (train[part] for part in next(inner))
    return fit, held_out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=[*CORPORA])
    options = parser.parse_args()
    TABLES.mkdir(parents=True, exist_ok=True)
    for name in options.corpora:
        corpus = known_corpus(name)
        y, speakers = np.asarray(corpus.target), np.asarray(corpus.groups)
        plain = IMAGES["whole mel"].fit_transform(TrimSilence().fit_transform(corpus.data))
        images = {"plain": plain, "speaker": standardized(plain, speakers)}
        folds = list(CORPORA[name].split(plain, y, speakers))
        for (fold, (train, _)), kind in product(enumerate(folds), images):
            fit, held_out = held_out_split(train, y, speakers)
            path = TABLES / f"{name}-{fold}-{kind}-{options.epochs}.npz"
            if not path.exists():
                how = OWN | {"epochs": options.epochs, "random_state": 0}
                pipeline = make_pipeline(SpectrogramScaler(), Conv2DClassifier(**how))
                pipeline.fit(images[kind][fit], y[fit])
                said = pipeline.predict_proba(images[kind][held_out])
                np.savez_compressed(path, clips=held_out, probabilities=said.astype(np.float32))
            said = np.load(path)["probabilities"]
            print(f"{name} {fold} {kind}: {scores([said], y, [held_out])[0]:.3f}", flush=True)


if __name__ == "__main__":
    main()
