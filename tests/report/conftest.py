from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from skser import (
    MFCC,
    RMS,
    ZCR,
    incremental_grid,
    load_table,
    make_audio_union,
    make_emotional_speech,
    make_report,
)

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
FORMULA = "$\\frac & <b>"
LABELS = {"angry": SCRIPT, "happy": IMAGE, "sad": FORMULA}
FILE_NAME = "\"><img src=x onerror=alert(3)> '&amp;"


class WithHistory(DummyClassifier):
    """Guesses, and looks like a network that was trained."""

    def fit(self, X, y, sample_weight=None):
        self.history_ = {"loss": [1.5, 0.9, 0.7], "accuracy": [0.3, 0.5, 0.6]}
        return super().fit(X, y, sample_weight)


def _guessing(**union):
    return Pipeline(
        [
            ("features", make_audio_union(ZCR(), RMS(), MFCC(4), **union)),
            ("classify", WithHistory(strategy="uniform", random_state=0)),
        ]
    )


@pytest.fixture
def guessing():
    """Make a pipeline that confuses every class with every other."""
    return _guessing


@pytest.fixture(scope="session")
def hostile():
    """Text that would run, or be a formula, if it were taken for more than text."""
    return SimpleNamespace(labels=list(LABELS.values()), file_name=FILE_NAME, title=IMAGE)


@pytest.fixture(scope="session")
def speech():
    return make_emotional_speech(3, 2, emotions=list(LABELS), random_state=0)


@pytest.fixture(scope="session")
def hostile_corpus(speech, tmp_path_factory):
    """Files whose names and labels are HTML, one of them longer than the page carries."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = []
    for i, (clip, emotion, speaker) in enumerate(
        zip(speech.data, speech.target, speech.groups, strict=True)
    ):
        path = folder / f"{FILE_NAME}{i}.wav"
        soundfile.write(path, np.tile(clip.y, 5 if i < 6 else 1), int(clip.sr))
        rows.append({"path": path, "label": LABELS[emotion], "speaker": f"<i>{speaker}"})
    return load_table(pd.DataFrame(rows), name="<u>corpus</u>")


@pytest.fixture(scope="session")
def hostile_page(hostile_corpus, tmp_path_factory):
    """Report of a selection on the hostile corpus, with everything in it."""
    grids = incremental_grid("features", keep=["zcr"], add=["rms", "mfcc"])
    search = GridSearchCV(
        _guessing(memory=tmp_path_factory.mktemp("store")),
        grids,
        cv=StratifiedGroupKFold(3),
        scoring="balanced_accuracy",
    )
    search.fit(hostile_corpus.data, hostile_corpus.target, groups=hostile_corpus.groups)
    path = tmp_path_factory.mktemp("page") / "report.html"
    command = "skser report <clips> --select"
    return make_report(
        search, hostile_corpus, path, protocols=True, n_pairs=3, title=IMAGE, command=command
    )
