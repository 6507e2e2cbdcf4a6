"""The weight of all speakers' statistics beside those of a speaker's few clips, `prior_weight`.

Chosen by the training speakers alone: in each fold of RAVDESS (six) and EMO-DB (leave one speaker
out), the training speakers are split again. Clips of a speaker held out are enrolled, as in
``bench_speakers.py``, and `prior_weight` is varied; a weight of 0 uses the speaker's own statistics
as they are, which `SpeakerNormalizer` does from `min_clips` on. The test speakers of a fold have no
part in its choice.

Run: ``python benchmarks/choose_speaker_prior.py [--corpus ravdess] [--draws 2]``; ten minutes.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import product
from typing import Any

import numpy as np
from _common import keep
from bench_speakers import COUNTS, Study, functionals, machine
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skser import SpeakerNormalizer, uar_score

WEIGHTS = [0, 0.5, 1, 2, 4, 8, 16, 32]
FEW = [count for count in COUNTS if 0 < count <= 16]
ALWAYS = 10**6
"""As `min_clips`: statistics are blended however many clips they are of."""


def held_out(study: Study, train: Any, n_draws: int) -> dict[tuple[int, float], float]:
    """Return the UAR of each number of clips and weight, on speakers held out of training."""
    y, speakers = study.y, study.speakers
    true: list[Any] = []
    said: dict[tuple[int, float], list[Any]] = {}
    inner = StratifiedGroupKFold(4).split(train, y[train], speakers[train])
    for fit, rest in ((train[a], train[b]) for a, b in inner):
        how = {"unseen": "global", "min_clips": ALWAYS, "prior_weight": 0}
        normalizer = SpeakerNormalizer(study.extractor, **how)
        model = make_pipeline(normalizer, machine()).fit(study.X[fit], y[fit])
        known = normalizer.voices_
        for speaker, draw in product(np.unique(speakers[rest]), range(n_draws)):
            of_speaker = rest[speakers[rest] == speaker]
            order = np.random.default_rng([draw, *of_speaker]).permutation(of_speaker)
            scored = order[COUNTS[-1] :]
            true.append(y[scored])
            for count in COUNTS[1:]:
                normalizer.voices_ = known
                normalizer.enroll(study.X[order[:count]])
                for weight in WEIGHTS:
                    normalizer.set_params(prior_weight=weight)
                    said.setdefault((count, weight), []).append(model.predict(study.X[scored]))
    truth = np.concatenate(true)
    return {key: uar_score(truth, np.concatenate(labels)) for key, labels in said.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", nargs="*", default=["ravdess", "emo_db"])
    parser.add_argument("--draws", type=int, default=2)
    options = parser.parse_args()
    chosen: Counter[float] = Counter()
    both = dict.fromkeys(WEIGHTS, 0.0)
    for corpus in options.corpus:
        study = Study(corpus, functionals)
        found = []
        for fold, (train, _) in enumerate(study.folds):
            found.append(held_out(study, train, options.draws))
            few = {w: np.mean([found[-1][count, w] for count in FEW]) for w in WEIGHTS}
            best = max(few, key=lambda w: few[w])
            chosen[best] += 1
            print(f"{corpus}, fold {fold}: {best}", flush=True)
        rows = {
            str(count): {
                str(w): float(np.mean([uars[count, w] for uars in found])) for w in WEIGHTS
            }
            for count in COUNTS[1:]
        }
        for row, w in product(rows.values(), WEIGHTS):
            both[w] += row[str(w)] / len(rows) / len(options.corpus)
        keep(f"prior-{corpus}", {"draws": options.draws, "clips": rows})
        print(f"{corpus}\nclips {''.join(f'{w:>7}' for w in WEIGHTS)}")
        for count, row in rows.items():
            print(f"{count:>5} {''.join(f'{uar:7.3f}' for uar in row.values())}")
    print("chosen:", ", ".join(f"{w} in {n} folds" for w, n in chosen.most_common()))
    print("mean of all:", ", ".join(f"{w}: {uar:.3f}" for w, uar in both.items()))


if __name__ == "__main__":
    main()
