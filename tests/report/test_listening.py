import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.utils import Bunch

from skser import (
    MFCC,
    RMS,
    Audio,
    Mel2D,
    SpeakerNormalizer,
    make_report,
    occlusion,
    with_speakers,
)
from skser.report._evaluation import Evaluation
from skser.report._listening import Listening, listen
from skser.report._sections import Pair, reason_for_no_maps


@pytest.fixture
def clips(speech):
    """A clip of each speaker."""
    return Bunch(data=speech.data[::6], target=speech.target[::6])


@pytest.fixture
def listened(clips):
    """Listen to the first clip by a pipeline that is fitted on the others."""

    def make(last, first=None, data=None):
        data = clips.data if data is None else data
        estimator = make_pipeline(RMS() if first is None else first, last)
        estimator.fit(data[1:], ["angry", "sad"])
        evaluation = Evaluation(
            tested=np.arange(3),
            probabilities=None,
            predicted=np.array(["sad"] * 3),
            fold_uars=(0.5,),
            cv="",
            n_shared=0,
            fitted=(estimator,),
            fold=np.zeros(3, dtype=int),
        )
        return listen(Bunch(data=data), evaluation, 0, "clip 7", "map-0")

    return make


def test_a_map_is_drawn_of_the_class_it_was_taken_for(listened):
    listening = listened(LogisticRegression(C=1e4))
    assert listening.clip == "clip 7"
    assert listening.reason == ""
    assert 'aria-label="Where sad was heard' in listening.picture
    assert "P(sad) lost when hidden" in listening.picture


def test_where_nothing_changes_the_probability_there_is_a_reason(listened):
    listening = listened(DummyClassifier(strategy="prior"))
    assert listening.picture is None
    assert "no part of the clip changes the probability of sad by 0.02" in listening.reason


def test_without_probabilities_there_is_a_reason(listened):
    listening = listened(SVC())
    assert listening.picture is None
    assert "gives no probabilities" in listening.reason


def test_where_other_clips_have_a_part_there_is_a_reason(listened, clips):
    data = with_speakers(clips.data, ["anna", "ben", "carl"])
    listening = listened(DummyClassifier(), SpeakerNormalizer(MFCC(2)), data)
    assert "depends on the other clips" in listening.reason


def test_a_reason_that_all_pairs_share_is_given_once():
    def pairs(*reasons):
        what = {"true": "sad", "predicted": "calm", "count": 1, "share": 1.0, "clips": []}
        return [Pair(**what, listening=Listening(clip="a", reason=reason)) for reason in reasons]

    assert reason_for_no_maps(pairs("faint", "faint")) == "faint"
    assert reason_for_no_maps(pairs("faint", "silent")) == ""
    assert reason_for_no_maps(pairs("faint", "")) == ""


def test_an_error_is_a_reason(listened, clips):
    data = clips.data.copy()
    data[0] = Audio(np.zeros(8000), 16000)
    assert (
        "There is no map: Audio of shape (8000,)" in listened(DummyClassifier(), data=data).reason
    )


@pytest.mark.parametrize("duration", [None, 1.0, 8.0])
def test_windows_are_few_however_long_the_image_is_made(clips, listened, monkeypatch, duration):
    maps = []

    def occlude(*args, **kwargs):
        maps.append(occlusion(*args, **kwargs))
        return maps[0]

    monkeypatch.setattr("skser.report._listening.occlusion", occlude)
    flatten = FunctionTransformer(lambda images: [[image.mean()] for image in images])
    listened(make_pipeline(flatten, DummyClassifier()), Mel2D(16, duration=duration))
    [relevance] = maps
    assert 1 < len(relevance.windows) <= 14
    lengths = np.diff(relevance.windows)
    assert lengths.min() >= 0.25 - 1e-9
    assert lengths.max() < 8.0 / 14 + 1e-6


@pytest.mark.parametrize("maps", [True, False])
def test_the_page_has_a_map_a_pair_if_asked(maps, guessing, speech, tmp_path, monkeypatch):
    monkeypatch.setattr("skser.report._listening._N_WINDOWS", 2)
    monkeypatch.setattr("skser.report._listening._N_BANDS", 1)
    # Nothing changes what this pipeline guesses.
    monkeypatch.setattr("skser.inspection._relevance_map.FAINT", 0)
    path = make_report(guessing(), speech, tmp_path / "r.html", n_pairs=2, maps=maps)
    page = path.read_text(encoding="utf-8")
    assert page.count("was heard in clip") == (2 if maps else 0)
    assert ("A map shows what a pipeline" in page) == maps


def test_a_page_is_not_lost_with_its_map(guessing, speech, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("out of luck")

    monkeypatch.setattr("skser.report._listening.occlusion", fail)
    path = make_report(guessing(), speech, tmp_path / "r.html", n_pairs=1)
    assert "There is no map: out of luck" in path.read_text(encoding="utf-8")
