import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

from skser import (
    MFCC,
    RMS,
    SpeakerNormalizer,
    SpectralContrast,
    compare_protocols,
    load_ravdess,
    make_emotional_speech,
    with_speakers,
)


@pytest.fixture
def corpus(rng):
    """Values in which speakers, not emotions, can be recognised: each has a favourite emotion."""
    speakers = np.repeat(np.arange(12), 12)
    favourite = np.tile(["a", "b", "c"], 4)[speakers]
    target = np.where(rng.random(144) < 0.8, favourite, rng.choice(["a", "b", "c"], 144))
    data = rng.normal(size=(12, 5))[speakers] + rng.normal(scale=0.01, size=(144, 5))
    frame = pd.DataFrame({"sentence": np.tile([f"s{i}" for i in range(6)], 24)})
    return Bunch(data=data, target=target, groups=speakers, frame=frame)


def test_knowing_the_speakers_is_a_number(corpus):
    table = compare_protocols(KNeighborsClassifier(5), corpus)
    assert table.loc["random", "uar"] > 0.7
    assert table.loc["speaker-disjoint", "uar"] < 0.5
    assert table.loc["random", "above_speaker_disjoint"] == pytest.approx(
        table.loc["random", "uar"] - table.loc["speaker-disjoint", "uar"]
    )


def test_it_names_folds_and_clips_of_each_protocol(corpus):
    table = compare_protocols(KNeighborsClassifier(), corpus, cv=6)
    assert table.index.tolist() == ["random", "speaker-disjoint", "sentence-disjoint"]
    assert table["n_folds"].tolist() == [6, 6, 6]
    assert table["n_train"].tolist() == [120, 120, 120]
    assert table["n_clips"].tolist() == [144, 144, 144]


def test_there_are_no_more_folds_than_sentences(corpus):
    corpus.frame["sentence"] = np.tile(["one", "two"], 72)
    table = compare_protocols(KNeighborsClassifier(), corpus)
    assert table.loc["sentence-disjoint", ["n_folds", "n_train"]].tolist() == [2, 72]


def test_clips_of_no_known_sentence_are_left_out_of_that_split(corpus):
    corpus.frame.loc[:23, "sentence"] = None
    table = compare_protocols(KNeighborsClassifier(), corpus)
    assert table["n_clips"].tolist() == [144, 144, 120]


@pytest.mark.parametrize("sentences", [None, "the only one"])
def test_without_two_sentences_that_split_has_no_score(corpus, sentences):
    corpus.frame = pd.DataFrame(index=range(144)) if sentences is None else corpus.frame
    if sentences is not None:
        corpus.frame["sentence"] = sentences
    row = compare_protocols(KNeighborsClassifier(), corpus).loc["sentence-disjoint"]
    assert np.isnan(row["uar"])
    assert row["n_folds"] == 0


def test_it_repeats(corpus):
    tables = [compare_protocols(KNeighborsClassifier(), corpus) for _ in range(2)]
    assert tables[0].equals(tables[1])


def test_it_takes_clips():
    speech = make_emotional_speech(2, 2, emotions=["angry", "sad"], random_state=0)
    pipeline = make_pipeline(RMS(), StandardScaler(), LogisticRegression())
    table = compare_protocols(pipeline, speech, cv=2)
    assert (table["uar"] > 0.7).all()


@pytest.mark.parametrize(
    ("groups", "message"),
    [(None, "corpus.groups is None"), (np.zeros(144), "contains 1 speaker, but")],
)
def test_it_needs_two_speakers(corpus, groups, message):
    corpus.groups = groups
    with pytest.raises(ValueError, match=message):
        compare_protocols(KNeighborsClassifier(), corpus)


def test_one_fold_is_refused(corpus):
    with pytest.raises(ValueError, match="'cv' parameter"):
        compare_protocols(KNeighborsClassifier(), corpus, cv=1)


def test_a_search_gets_the_speakers_under_every_protocol(corpus):
    n_speakers = []

    class Splitter(GroupKFold):
        def split(self, X, y=None, groups=None):
            n_speakers.append(len(set(groups)))
            return super().split(X, y, groups)

    def table(wrap):
        search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3, 9]}, cv=Splitter(2))
        return compare_protocols(wrap(search), corpus, cv=3)

    plain = table(lambda search: search)
    assert n_speakers == 3 * [12] + 3 * [8] + 3 * [12]
    assert table(make_pipeline).equals(plain)
    with sklearn.config_context(enable_metadata_routing=True):
        assert table(lambda search: search).equals(plain)


@pytest.mark.slow
def test_a_random_split_of_ravdess_flatters(ravdess):
    corpus = load_ravdess(ravdess)
    how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
    values = [f.fit_transform(corpus.data) for f in (MFCC(20, **how), SpectralContrast(**how))]
    corpus.data = np.hstack(values)
    table = compare_protocols(make_pipeline(StandardScaler(), SVC(C=10)), corpus)
    assert table.loc["random", "uar"] == pytest.approx(0.77, abs=0.03)
    assert table.loc["speaker-disjoint", "uar"] == pytest.approx(0.50, abs=0.04)


@pytest.fixture
def speech():
    return make_emotional_speech(4, 3, emotions=["angry", "sad"], random_state=0)


def recogniser(**parameters):
    features = SpeakerNormalizer(MFCC(13), **parameters)
    return make_pipeline(features, LogisticRegression())


def test_enrolled_speakers_stand_beside_strangers(speech):
    table = compare_protocols(recogniser(), speech, cv=4)
    assert table.index.tolist() == [
        "random",
        "speaker-disjoint",
        "speaker-disjoint, enrolled",
        "sentence-disjoint",
    ]
    assert table["n_enrolled"].tolist() == [0, 0, 3, 0]
    assert table.loc["speaker-disjoint, enrolled", "n_clips"] == 24


def test_of_strangers_nothing_is_known_whatever_the_pipeline_does_with_them(speech):
    tables = [compare_protocols(recogniser(unseen=u), speech, cv=4) for u in ("batch", "global")]
    assert tables[0].equals(tables[1])


def test_a_pipeline_that_knows_no_speakers_has_no_score_of_enrolled_ones(speech):
    table = compare_protocols(make_pipeline(RMS(), LogisticRegression()), speech, cv=2)
    assert "speaker-disjoint, enrolled" not in table.index


def test_a_frozen_normalizer_stays_as_it_was(speech):
    X = with_speakers(speech.data, speech.groups)
    frozen = FrozenEstimator(SpeakerNormalizer(MFCC(13), unseen="batch").fit(X))
    compare_protocols(make_pipeline(frozen, LogisticRegression()), speech, cv=2)
    assert frozen.estimator.unseen == "batch"


def test_a_search_does_not_let_test_clips_take_part(speech):
    def search(unseen):
        grid = {"speakernormalizer__unseen": [unseen]}
        return GridSearchCV(recogniser(), grid, cv=StratifiedKFold(2))

    tables = [compare_protocols(search(unseen), speech, cv=2) for unseen in ("batch", "global")]
    strangers = [table.loc["speaker-disjoint", "uar"] for table in tables]
    assert strangers[0] == strangers[1]
