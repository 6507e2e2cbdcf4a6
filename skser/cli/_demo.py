"""Demonstrate the main task on the built-in speech."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.metrics import ConfusionMatrixDisplay, balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

from skser.cli._output import is_interactive
from skser.cli._pipelines import kept_features
from skser.cli._search import ReportingGridSearchCV, labels_of
from skser.compose import make_audio_union
from skser.datasets import make_emotional_speech
from skser.displays import SelectionDisplay
from skser.features import (
    Chroma,
    Mel,
    SpectralBandwidth,
    SpectralContrast,
    SpectralFlatness,
    SpectralRolloff,
    Tonnetz,
)
from skser.features._mfcc import MFCC
from skser.features._rms import RMS
from skser.features._zcr import ZCR
from skser.metrics import confusion_ranking
from skser.neural import Conv1DClassifier
from skser.persistence import save_model
from skser.selection import incremental_grid

_KEEP = ["zcr", "rms"]
_ADD = [
    "mfcc",
    "chroma",
    "spectralrolloff",
    "tonnetz",
    "spectralcontrast",
    "spectralflatness",
    "spectralbandwidth",
    "mel",
]


def demo(output: Path, n_jobs: int | None, random_state: int) -> None:
    """Select features on the built-in speech, train a network, and test it on unseen speakers.

    Parameters
    ----------
    output : Path
        Folder for the plots and the model.
    n_jobs : int or None
        Number of processes among which the folds are distributed.
    random_state : int
        Random seed of the speech and of the network.
    """
    # Plots are written to files, so no display is needed.
    import matplotlib

    matplotlib.use("Agg")
    began = time.perf_counter()
    output.mkdir(parents=True, exist_ok=True)
    print("1. Speech: 8 synthetic speakers, 5 emotions (a test signal, not speech data).")
    speech = make_emotional_speech(n_speakers=8, n_per_class=6, random_state=random_state)
    unseen = np.isin(speech.groups, np.unique(speech.groups)[-2:])
    print(f"   {len(speech.data)} clips; {unseen.sum()} of them, from 2 speakers, are held out.\n")

    print("2. Selecting features one by one: support-vector machine, speaker-independent folds.")
    with kept_features(None) as folder:
        search = _search(speech, ~unseen, n_jobs, folder)
    print(f"   Best: {', '.join(_members(search))} (UAR {search.best_score_:.3f})\n")

    print("3. Training a convolutional network on the best set, and testing on held-out speakers.")
    model = clone(search.best_estimator_).set_params(
        features__memory=None, classify=Conv1DClassifier(epochs=60, random_state=random_state)
    )
    model.fit(speech.data[~unseen], speech.target[~unseen])
    predicted = model.predict(speech.data[unseen])
    _report(search, speech.target[unseen], predicted, output)

    model_file = output / "model.skser"
    save_model(model, model_file, card={"note": "Trained on a test signal by 'skser demo'."})
    sample = _write_sample(speech, np.flatnonzero(unseen)[0], output)
    print(f"\nDone in {time.perf_counter() - began:.0f} s. To predict a new file:\n")
    print(
        f'  {sys.executable} -c "import skser; '
        f"print(skser.load_model('{model_file}').predict(['{sample}']))\"\n"
    )


def _search(speech: Bunch, rows: Any, n_jobs: int | None, memory: Path) -> ReportingGridSearchCV:
    union = make_audio_union(
        ZCR(),
        RMS(),
        MFCC(20),
        Chroma(),
        SpectralRolloff(),
        Tonnetz(),
        SpectralContrast(),
        SpectralFlatness(),
        SpectralBandwidth(),
        Mel(),
        memory=memory,
    )
    pipeline = Pipeline([("features", union), ("scale", StandardScaler()), ("classify", SVC(C=10))])
    search = ReportingGridSearchCV(
        pipeline,
        incremental_grid("features", keep=_KEEP, add=_ADD),
        cv=StratifiedGroupKFold(3),
        scoring="balanced_accuracy",
        n_jobs=n_jobs,
        labels=labels_of(_KEEP, _ADD),
        progress=is_interactive(),
    )
    return search.fit(speech.data[rows], speech.target[rows], groups=speech.groups[rows])


def _members(search: GridSearchCV) -> list[str]:
    union = search.best_estimator_.named_steps["features"]
    return [name for name, member in union.transformer_list if member != "drop"]


def _report(search: GridSearchCV, y_true: Any, y_pred: Any, output: Path) -> None:
    print(f"   UAR {balanced_accuracy_score(y_true, y_pred):.3f} (chance 0.200).")
    print("   Classes from the most to the least confused:\n")
    ranking = confusion_ranking(y_true, y_pred)
    print(ranking.to_string(float_format="{:.2f}".format, index_names=False))
    SelectionDisplay.from_search(search).plot().figure_.savefig(output / "selection.png", dpi=120)
    confusion = ConfusionMatrixDisplay.from_predictions(
        y_true, y_pred, normalize="true", values_format=".2f", cmap="Blues"
    )
    confusion.ax_.set_title("Unseen speakers")
    confusion.figure_.savefig(output / "confusion.png", dpi=120, bbox_inches="tight")
    print(f"\n   Plots: {output / 'selection.png'}, {output / 'confusion.png'}")


def _write_sample(speech: Bunch, index: int, output: Path) -> Path:
    import soundfile

    path = output / f"unseen-{speech.target[index]}.wav"
    soundfile.write(path, speech.data[index].y, speech.data[index].sr)
    return path
