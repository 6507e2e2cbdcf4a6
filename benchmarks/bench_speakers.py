"""UAR against the number of unlabelled clips by which a test speaker is known.

RAVDESS in six speaker-disjoint folds, EMO-DB leaving one speaker out. A model is trained once a
fold; then clips of each test speaker, drawn at random, are enrolled, and others are predicted. In
each draw 32 clips of a speaker are put aside for enrolment, and the rest is scored, so that the
scored clips are the same for every number up to 32, and none of them is enrolled. Only "all"
enrols the scored clips too: that is the transductive protocol, ``unseen="batch"``. Classes are
scored over all speakers of a draw, because the clips of one speaker do not hold every class.
"not normalised" is the same model with one `StandardScaler`, or `SpectrogramScaler`, for all.

Run: ``python benchmarks/bench_speakers.py [--network] [--corpus ravdess] [--draws 20]``; two
minutes for functionals. The network takes hours for 60 epochs and all folds; ``--epochs`` and
``--folds`` make it less. ``--plot docs/images/speakers.png`` draws what was measured before. Values
are kept in ``benchmarks/results/features``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from _common import RESULTS, keep, known_corpus
from bench_networks import IMAGES, OWN
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    Conv2DClassifier,
    LoadAudio,
    SpeakerNormalizer,
    SpectralContrast,
    SpectrogramScaler,
    TrimSilence,
    as_items,
    enroll_speakers,
    make_audio_union,
    uar_score,
    with_speakers,
)

COUNTS = [0, 1, 2, 4, 8, 16, 32]
FUNCTIONALS = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
VALUES: dict[str, Any] = {}
"""Values of each file, so that no clip is read twice."""


def known_values(clips: Any) -> Any:
    """Return the values of clips: the extractor of this benchmark."""
    return as_items([VALUES[str(clip.path)] for clip in clips])


def known_rows(clips: Any) -> Any:
    return np.stack(known_values(clips))


def functionals(paths: Any) -> Any:
    features = MFCC(20, **FUNCTIONALS), SpectralContrast(**FUNCTIONALS)
    return make_audio_union(*features, memory=RESULTS / "features").fit_transform(paths)


def images(paths: Any) -> Any:
    sounds = make_pipeline(LoadAudio(sr=16000), TrimSilence()).fit_transform(paths)
    return make_audio_union(IMAGES["whole mel"], memory=RESULTS / "features").fit_transform(sounds)


def machine() -> Any:
    return SVC(C=10, class_weight="balanced")


class Study:
    """A corpus whose clips carry their speakers, its values, and its folds."""

    def __init__(self, corpus: str, extract: Callable[[Any], Any]) -> None:
        loaded = known_corpus(corpus)
        values = extract(loaded.data)
        VALUES.update(zip(map(str, loaded.data), values, strict=True))
        self.extractor = FunctionTransformer(known_rows if values.ndim == 2 else known_values)
        self.X = with_speakers(loaded.data, loaded.groups)
        self.y, self.speakers = np.asarray(loaded.target), np.asarray(loaded.groups)
        splitter = StratifiedGroupKFold(6) if corpus == "ravdess" else LeaveOneGroupOut()
        self.folds = list(splitter.split(self.X, self.y, self.speakers))

    def predict(
        self, model: Any, order: Any, counts: list[int], n_aside: int
    ) -> dict[int | str, Any]:
        """Return the labels of a speaker's clips behind the first ones, which are enrolled.

        For each count so many are enrolled, for "all" every clip.
        """
        normalizer = model[0]
        before, scored, n_enrolled = normalizer.voices_, self.X[order[n_aside:]], 0
        labels: dict[int | str, Any] = {}
        for count in [*counts, "all"]:
            until = len(order) if count == "all" else count
            if until > n_enrolled:
                enroll_speakers(model, self.X[order[n_enrolled:until]])
                n_enrolled = until
            labels[count] = model.predict(scored)
        normalizer.voices_ = before
        return labels


def curve(
    study: Study, classifier: Callable[[], Any], scaler: Any, n_draws: int, folds: list[int]
) -> dict[str, Any]:
    """Return UAR by number of clips, mean and standard deviation over draws."""
    true: dict[int, list[Any]] = {draw: [] for draw in range(n_draws)}
    said: dict[Any, dict[int, list[Any]]] = {}
    whole: dict[str, list[float]] = {"not normalised": [], "0": [], "all": []}
    for fold in folds:
        train, test = study.folds[fold]
        normalizer = SpeakerNormalizer(study.extractor, unseen="global")
        model = make_pipeline(normalizer, classifier()).fit(study.X[train], study.y[train])
        plain = make_pipeline(study.extractor, scaler, classifier())
        plain.fit(study.X[train], study.y[train])
        whole["not normalised"].append(uar_score(study.y[test], plain.predict(study.X[test])))
        whole["0"].append(uar_score(study.y[test], model.predict(study.X[test])))
        for speaker in np.unique(study.speakers[test]):
            of_speaker = test[study.speakers[test] == speaker]
            for draw in range(n_draws):
                order = np.random.default_rng([draw, *of_speaker]).permutation(of_speaker)
                labels = study.predict(model, order, COUNTS, COUNTS[-1])
                labels["not normalised"] = plain.predict(study.X[order[COUNTS[-1] :]])
                true[draw].append(study.y[order[COUNTS[-1] :]])
                for count, of_count in labels.items():
                    said.setdefault(count, {}).setdefault(draw, []).append(of_count)
        model[0].set_params(unseen="batch")
        whole["all"].append(uar_score(study.y[test], model.predict(study.X[test])))
        print(
            f"fold {fold}: { ({name: round(of[-1], 3) for name, of in whole.items()}) }", flush=True
        )
    rows = {}
    for count, by_draw in said.items():
        uars = [
            uar_score(np.concatenate(true[draw]), np.concatenate(by_draw[draw]))
            for draw in range(n_draws)
        ]
        rows[str(count)] = {"uar": float(np.mean(uars)), "std over draws": float(np.std(uars))}
    for name, uars in whole.items():
        rows[name] |= {"all clips, mean of folds": float(np.mean(uars))}
    return rows


def plot(path: str) -> None:
    """Draw the curves that are kept: a panel a corpus and model."""
    import matplotlib.pyplot as plt

    files = [
        file
        for model in ("functionals", "residual2d")
        for file in sorted(RESULTS.glob(f"speakers-{model}-*.json"), reverse=True)
    ]
    figure, axes = plt.subplots(
        1, len(files), figsize=(3.4 * len(files), 3.2), layout="constrained", squeeze=False
    )
    for ax, file in zip(axes[0], files, strict=True):
        rows = json.loads(file.read_text())["enrolled"]
        shown = [*map(str, COUNTS), "all"]
        uars = np.array([rows[count]["uar"] for count in shown])
        spread = np.array([rows[count]["std over draws"] for count in shown])
        ax.fill_between(shown, uars - spread, uars + spread, alpha=0.2, linewidth=0)
        ax.plot(shown, uars, marker="o", label="each speaker standardised")
        plain = rows["not normalised"]["uar"]
        ax.axhline(plain, linestyle="--", color="gray", label="one scaler for all")
        _, model, corpus = file.stem.split("-", maxsplit=2)
        titles = {"ravdess": "RAVDESS", "emo_db": "EMO-DB copy"}
        ax.set(title=f"{titles[corpus]}, {model}", xlabel="unlabelled clips enrolled")
    axes[0, 0].set_ylabel("UAR")
    axes[0, 0].legend(loc="lower right", fontsize="small")
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", action="store_true", help="residual2d, in place of a machine")
    parser.add_argument("--corpus", nargs="*", default=["ravdess", "emo_db"])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=60, help="of the network")
    parser.add_argument("--folds", type=int, nargs="*", help="which of them; default: all")
    parser.add_argument("--plot", help="draw the kept results into this file, and stop")
    options = parser.parse_args()
    if options.plot:
        plot(options.plot)
        return
    what = "residual2d" if options.network else "functionals"
    for corpus in options.corpus:
        study = Study(corpus, images if options.network else functionals)
        folds = options.folds or list(range(len(study.folds)))
        if options.network:
            how = OWN | {"epochs": options.epochs, "random_state": 0}
            result = curve(
                study,
                lambda how=how: Conv2DClassifier("residual2d", **how),
                SpectrogramScaler(),
                options.draws,
                folds,
            )
        else:
            result = curve(study, machine, StandardScaler(), options.draws, folds)
        ran = {"draws": options.draws, "folds": str(folds), "enrolled": result}
        if options.network:
            ran["epochs"] = options.epochs
        keep(f"speakers-{what}-{corpus}", ran)
        print(f"{what}, {corpus}")
        for count, row in result.items():
            more = row.get("all clips, mean of folds")
            print(
                f"{count:>15} {row['uar']:.3f} +- {row['std over draws']:.3f}"
                + ("" if more is None else f"   all clips: {more:.3f}")
            )


if __name__ == "__main__":
    main()
