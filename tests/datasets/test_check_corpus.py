"""What is passed in place of a corpus is refused in two sentences."""

from pathlib import Path

import pytest
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skser import (
    RMS,
    CorpusDisplay,
    check_clips,
    check_leakage,
    compare_protocols,
    describe_corpus,
    drop_unreadable,
    make_emotional_speech,
    make_report,
    plot_classes,
    speaker_split,
    subset_corpus,
)

TAKE_A_CORPUS = {
    "check_clips": check_clips,
    "check_leakage": lambda corpus: check_leakage(corpus, GroupKFold(2)),
    "compare_protocols": lambda corpus: compare_protocols(make_pipeline(RMS(), SVC()), corpus),
    "CorpusDisplay": CorpusDisplay.from_corpus,
    "describe_corpus": describe_corpus,
    "drop_unreadable": drop_unreadable,
    "make_report": lambda corpus: make_report(make_pipeline(RMS(), SVC()), corpus),
    "plot_classes": plot_classes,
    "speaker_split": speaker_split,
    "subset_corpus": lambda corpus: subset_corpus(corpus, [0]),
}


@pytest.fixture(params=TAKE_A_CORPUS.values(), ids=TAKE_A_CORPUS)
def take_a_corpus(request):
    return request.param


@pytest.fixture(scope="module")
def clips():
    return make_emotional_speech(n_speakers=1, n_per_class=1, random_state=0).data


def test_its_clips_are_refused_without_being_printed(take_a_corpus, clips):
    with pytest.raises(ValueError, match=r"type ndarray.*Pass the whole corpus") as caught:
        take_a_corpus(clips)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("path", ["data/ravdess", Path("data/ravdess")])
def test_a_path_must_be_loaded_first(take_a_corpus, path):
    with pytest.raises(ValueError, match=r"is a path.*Pass load_corpus\('data"):
        take_a_corpus(path)
