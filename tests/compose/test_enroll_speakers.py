import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union

from skser import (
    MFCC,
    RMS,
    AddNoise,
    AudioError,
    AugmentedClassifier,
    FixDuration,
    Normalize,
    SegmentClassifier,
    SpeakerNormalizer,
    enroll_speakers,
    make_audio_union,
    make_emotional_speech,
    with_speakers,
)
from skser.compose._speakers_inside import is_transductive, normalizers_in


def recogniser(feature=None, **parameters):
    return make_pipeline(SpeakerNormalizer(feature or RMS(), **parameters), LogisticRegression())


MODELS = {
    "pipeline": recogniser(),
    "union": make_pipeline(
        make_audio_union(SpeakerNormalizer(MFCC(5)), RMS()), LogisticRegression()
    ),
    "stack": StackingClassifier([("rms", recogniser()), ("mfcc", recogniser(MFCC(5)))], cv=2),
    "vote": VotingClassifier([("rms", recogniser()), ("mfcc", recogniser(MFCC(5)))]),
    "search": GridSearchCV(recogniser(), {"speakernormalizer__prior_weight": [0, 4]}, cv=2),
    "calibration": CalibratedClassifierCV(recogniser(), cv=2),
    "copies": AugmentedClassifier(recogniser(), AddNoise(), random_state=0),
}


@pytest.fixture
def speech():
    return make_emotional_speech(3, 2, emotions=["angry", "sad"], random_state=0)


@pytest.fixture
def X(speech):
    return with_speakers(speech.data, speech.groups)


def known(model):
    """Return the known speakers of each fitted normalizer in a model."""
    return [n.n_clips_ for n in normalizers_in(model) if hasattr(n, "voices_")]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_normalizer_of_a_model_learns_the_speaker(model, speech, X):
    fitted = model.fit(X[:8], speech.target[:8])
    assert enroll_speakers(fitted, speech.data[8:11], "newcomer") is fitted
    assert known(fitted)
    assert {of["newcomer"] for of in known(fitted)} == {3}
    assert fitted.predict(with_speakers(speech.data[11:], ["newcomer"])).shape == (1,)


def test_pieces_are_enrolled_where_clips_are_cut(speech, X):
    model = SegmentClassifier(recogniser(), window=0.2, hop=0.2).fit(X[:8], speech.target[:8])
    enroll_speakers(model, X[8:10])
    n_pieces = len(model.predict_segments(X[8:10]))
    assert known(model)[0][speech.groups[8]] == n_pieces > 2


def test_nothing_is_enrolled_anywhere_where_one_clip_cannot_be_used(speech, X):
    model = MODELS["stack"].fit(X[:8], speech.target[:8])
    before = known(model)
    with pytest.raises(AudioError, match=r"X\[1\] 'no.wav': no such file"):
        enroll_speakers(model, [speech.data[8], "no.wav"], "newcomer")
    assert known(model) == before


def test_a_model_without_normalizer_knows_no_speakers(speech, X):
    model = make_pipeline(RMS(), LogisticRegression()).fit(X, speech.target)
    with pytest.raises(ValueError, match="Pipeline has no SpeakerNormalizer to enrol speakers in"):
        enroll_speakers(model, X)


def test_a_prediction_is_transductive_only_with_the_statistics_of_the_call():
    assert is_transductive(recogniser())
    assert is_transductive(MODELS["stack"])
    assert not is_transductive(recogniser(unseen="global"))
    assert not is_transductive(make_pipeline(RMS(), LogisticRegression()))


def test_what_is_enrolled_changes_what_is_predicted(speech, X):
    model = recogniser(MFCC(13), unseen="global").fit(X[:8], speech.target[:8])
    before = model.predict_proba(X[8:])
    after = enroll_speakers(model, X[8:]).predict_proba(X[8:])
    assert not np.allclose(before, after)


def loud(**parameters):
    return make_pipeline(Normalize(), SpeakerNormalizer(MFCC(8), prior_weight=0, **parameters))


AFTER_OTHER_STEPS = {
    "a step": loud(),
    "a step of a step": make_pipeline(FixDuration(0.5), loud()),
    "a union": make_union(loud(), loud()),
    "a union behind a step": make_pipeline(FixDuration(0.5), make_union(loud(), RMS())),
}


@pytest.mark.parametrize("where", AFTER_OTHER_STEPS)
def test_clips_reach_the_normalizer_as_they_do_in_predict(where, speech):
    """The clips that were enrolled are, standardised by themselves, 0 on average."""
    X = with_speakers(speech.data, speech.groups)
    known = speech.groups != speech.groups[-1]
    model = clone(AFTER_OTHER_STEPS[where]).fit(X[known])
    enroll_speakers(model, X[~known])
    means = np.asarray(model.transform(X[~known])).mean(axis=0)[:8]
    np.testing.assert_allclose(means, 0, atol=1e-4)


def test_a_column_of_a_table_is_enrolled(speech):
    X = with_speakers(speech.data, speech.groups)
    table = pd.DataFrame({"clip": pd.Series(list(X)), "nothing": 0.0})
    known = speech.groups != speech.groups[-1]
    columns = ColumnTransformer([("voice", SpeakerNormalizer(MFCC(8), prior_weight=0), "clip")])
    model = columns.fit(table[known])
    enroll_speakers(model, table[~known])
    means = np.asarray(model.transform(table[~known])).mean(axis=0)
    np.testing.assert_allclose(means, 0, atol=1e-4)
