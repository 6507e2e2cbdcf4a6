import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from skser import (
    SpeakerNormalizer,
    SpeechEmbedding,
    enroll_speakers,
    make_emotional_speech,
    make_recognizer,
    with_speakers,
)
from skser.metrics import uar_score


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_speakers=4, n_per_class=4, random_state=0)


@pytest.fixture(autouse=True)
def without_embedding(monkeypatch, tmp_path):
    monkeypatch.setenv("SKSER_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Where what was extracted is kept for all tests."""
    return tmp_path_factory.mktemp("store")


def quick(**parameters):
    """Make "best" with a network that learns in seconds, and little."""
    recognizer = make_recognizer("best", random_state=0, **parameters)
    return recognizer.set_params(
        network__classify__architecture="residual2d", network__classify__epochs=1
    )


def test_knowing_the_speaker_helps_to_recognise_people_it_has_never_heard(tmp_path):
    speech = make_emotional_speech(n_speakers=6, n_per_class=4, random_state=0)
    X = with_speakers(speech.data, speech.groups)
    plain, normalized = (
        uar_score(
            speech.target,
            cross_val_predict(
                make_recognizer(memory=tmp_path, speaker_normalization=normalized),
                X,
                speech.target,
                groups=speech.groups,
                cv=GroupKFold(3),
            ),
        )
        for normalized in (False, True)
    )
    assert 0.7 < plain < normalized


KINDS = [
    pytest.param(make_recognizer, id="fast"),
    pytest.param(quick, id="best", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("normalized", [False, True])
def test_it_is_an_ordinary_classifier_of_clips(make, normalized, speech, store):
    X = with_speakers(speech.data, speech.groups) if normalized else speech.data
    recognizer = clone(make(speaker_normalization=normalized, memory=store))
    recognizer.fit(X, speech.target)
    assert is_classifier(recognizer)
    probabilities = recognizer.predict_proba(X[:6])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    loaded = pickle.loads(pickle.dumps(recognizer))
    np.testing.assert_array_equal(loaded.predict_proba(X[:6]), probabilities)
    assert loaded.classes_.tolist() == sorted(set(speech.target))


@pytest.mark.parametrize("make", KINDS)
def test_a_newcomer_is_enrolled_everywhere(make, speech, store):
    X = with_speakers(speech.data, speech.groups)
    known = speech.groups != speech.groups[-1]
    recognizer = make(speaker_normalization=True, memory=store)
    recognizer.fit(X[known], speech.target[known])
    enroll_speakers(recognizer, X[~known])
    alone = recognizer.predict_proba(X[~known][:1])
    np.testing.assert_allclose(alone, recognizer.predict_proba(X[~known])[:1], atol=1e-5)


def test_the_diagram_shows_what_is_in_it():
    text = make_recognizer("best")._repr_html_()
    for part in ("EGeMAPS", "LogisticRegression", "Mel2D", "Conv2DClassifier"):
        assert part in text


def test_memory_and_processes_reach_every_union():
    parameters = make_recognizer("best", memory="store", n_jobs=2).get_params()
    for union in ("fast__features", "network__features"):
        assert parameters[f"{union}__memory"] == "store"
        assert parameters[f"{union}__n_jobs"] == 2


def members(recognizer):
    features = recognizer.named_steps["features"]
    union = features.extractor if isinstance(features, SpeakerNormalizer) else features
    return [type(member) for _, member in union.transformer_list]


def test_the_embedding_is_used_where_it_is(monkeypatch):
    assert SpeechEmbedding not in members(make_recognizer())
    with pytest.raises(FileNotFoundError, match="fetch_speech_embedding"):
        make_recognizer(embedding=True)
    monkeypatch.setattr("skser.recipes._make_recognizer.find_speech_embedding", lambda: None)
    assert SpeechEmbedding in members(make_recognizer(speaker_normalization=True))
    assert SpeechEmbedding not in members(make_recognizer(embedding=False))


@pytest.mark.parametrize(
    "parameters", [{"kind": "better"}, {"embedding": "yes"}, {"memory": 3}, {"n_jobs": "two"}]
)
def test_wrong_parameters_are_refused(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        make_recognizer(**parameters)
