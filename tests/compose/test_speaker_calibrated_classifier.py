import pickle
import warnings

import numpy as np
import pytest
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import AudioWarning
from skser.compose._meta_classifier import fit_keyword
from skser.compose._speaker_calibrated_classifier import (
    SpeakerCalibratedClassifier,
    fitted_temperature,
)


def machine():
    return SVC(C=10, class_weight="balanced", break_ties=True)


def calibrated(**parameters):
    return SpeakerCalibratedClassifier(machine(), random_state=0, **parameters)


@parametrize_with_checks(
    [
        SpeakerCalibratedClassifier(machine(), random_state=0),
        SpeakerCalibratedClassifier(RidgeClassifier(), random_state=0),
    ]
)
def test_it_keeps_the_contract_of_an_estimator(estimator, check):
    check(estimator)


@pytest.fixture
def voices(rng):
    """Make values of 3 classes by 8 speakers, whose voices say more than their emotions."""

    def make(n_speakers=8, n_per_class=6, n_features=40):
        labels = np.tile(np.repeat(["angry", "calm", "sad"], n_per_class), n_speakers)
        speakers = np.repeat([f"s{i}" for i in range(n_speakers)], 3 * n_per_class)
        emotions = rng.normal(size=(3, n_features))
        # How a speaker sounds in an emotion: known only to who has heard the speaker.
        habits = rng.normal(size=(n_speakers, 3, n_features)) * 1.5
        codes = np.unique(labels, return_inverse=True)[1]
        numbers = np.unique(speakers, return_inverse=True)[1]
        values = emotions[codes] * 0.5 + habits[numbers, codes]
        return values + rng.normal(size=values.shape) * 0.5, labels, speakers

    return make


@pytest.fixture
def by_class_and_speaker(voices):
    """Put the samples into the order that a folder for each emotion has."""
    values, labels, speakers = voices()
    order = np.lexsort((speakers, labels))
    return values[order], labels[order], speakers[order]


def test_labels_are_those_of_the_classifier_alone(by_class_and_speaker):
    values, labels, speakers = by_class_and_speaker
    rows = np.arange(len(labels)) % 2 == 0
    classifier = calibrated().fit(values[rows], labels[rows], groups=speakers[rows])
    alone = machine().fit(values[rows], labels[rows])
    assert classifier.score(values[rows], labels[rows]) == 1
    assert classifier.predict(values).tolist() == alone.predict(values).tolist()
    np.testing.assert_allclose(
        classifier.decision_function(values), alone.decision_function(values)
    )


@pytest.mark.parametrize("classes", [["angry", "sad"], ["angry", "calm", "sad"]])
def test_the_most_probable_class_is_the_label(voices, classes):
    values, labels, speakers = voices()
    rows = np.isin(labels, classes)
    train, test = rows & (speakers < "s4"), rows & (speakers >= "s4")
    classifier = calibrated().fit(values[train], labels[train], groups=speakers[train])
    probabilities = classifier.predict_proba(values[test])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    best = classifier.classes_[probabilities.argmax(axis=1)]
    assert best.tolist() == classifier.predict(values[test]).tolist()


def test_probabilities_are_calibrated_for_new_speakers(voices):
    values, labels, speakers = voices()
    train, test = speakers < "s6", speakers >= "s6"
    losses = {}
    for name, groups in {"disjoint": speakers[train], "shared": None}.items():
        classifier = calibrated().fit(values[train], labels[train], groups=groups)
        losses[name] = log_loss(labels[test], classifier.predict_proba(values[test]))
    assert losses["disjoint"] < losses["shared"]


@pytest.mark.parametrize("groups", [True, False])
def test_the_order_of_the_samples_does_not_decide(by_class_and_speaker, rng, groups):
    values, labels, speakers = by_class_and_speaker
    order = rng.permutation(len(labels))
    sure = [
        calibrated()
        .fit(values[rows], labels[rows], groups=speakers[rows] if groups else None)
        .predict_proba(values)
        .max(axis=1)
        .mean()
        for rows in (slice(None), order)
    ]
    assert sure[0] == pytest.approx(sure[1], abs=0.05)


@pytest.mark.parametrize("n_speakers_of_sad", [0, 1])
def test_too_few_speakers_are_a_warning(voices, n_speakers_of_sad):
    values, labels, speakers = voices(4)
    # One speaker; or a class that one speaker of several has.
    rows = (speakers == "s0") if n_speakers_of_sad == 0 else (labels != "sad") | (speakers == "s0")
    values, labels, speakers = values[rows], labels[rows], speakers[rows]
    with pytest.warns(AudioWarning, match=r"too high for new speakers\. Add speakers"):
        classifier = calibrated().fit(values, labels, groups=speakers)
    assert classifier.predict_proba(values).shape == (len(labels), 3)
    assert classifier.score(values, labels) == 1


def test_a_class_of_one_clip_leaves_labels_only(voices):
    values, labels, speakers = voices()
    rows = np.r_[np.flatnonzero(labels != "sad"), np.flatnonzero(labels == "sad")[0]]
    with pytest.warns(AudioWarning, match="Class 'sad' has a single clip, so no probabilities"):
        classifier = calibrated().fit(values[rows], labels[rows], groups=speakers[rows])
    assert classifier.predict(values[rows[-1:]]).tolist() == ["sad"]
    assert not hasattr(classifier, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        classifier.predict_proba(values)


def test_two_clips_of_each_class_are_enough(voices):
    values, labels, _ = voices(1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert calibrated().fit(values, labels).predict_proba(values).shape == (6, 3)


def test_the_temperature_is_that_of_scikit_learn(voices):
    """Which fits its classifier on the places of the classes, so on one that takes either."""
    values, labels, _ = voices()
    classifier = calibrated().fit(values, labels)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    reference = CalibratedClassifierCV(machine(), method="temperature", cv=folds, ensemble=False)
    reference.fit(values, labels)
    np.testing.assert_allclose(
        classifier.predict_proba(values), reference.predict_proba(values), rtol=1e-5
    )


def test_the_temperature_of_two_logits_is_known():
    """Three of four are right by the logit 1: softmax(1 / T) is 3/4 where 2 / T = log 3."""
    logits, codes = np.tile([-1.0, 1.0], (4, 1)), np.array([1, 1, 1, 0])
    assert fitted_temperature(logits, codes) == pytest.approx(2 / np.log(3))


@pytest.mark.parametrize("groups", [True, False])
def test_the_classifier_knows_labels_by_their_names(voices, groups):
    values, labels, speakers = voices()
    weighted = SVC(class_weight={"angry": 2.0, "sad": 1.0}, break_ties=True)
    classifier = SpeakerCalibratedClassifier(weighted, random_state=0)
    classifier.fit(values, labels, groups=speakers if groups else None)
    assert classifier.estimator_.classes_.tolist() == ["angry", "calm", "sad"]
    assert set(classifier.predict(values)) == {"angry", "calm", "sad"}
    assert classifier.predict_proba(values).shape == (len(values), 3)


@pytest.mark.parametrize("classes", [["angry", "calm", "sad"], ["angry", "sad"]])
@pytest.mark.parametrize("pipeline", [False, True])
def test_decisions_between_pairs_are_refused(voices, pipeline, classes):
    values, labels, _ = voices()
    rows = np.isin(labels, classes)
    classifier = SVC(decision_function_shape="ovo")
    if pipeline:
        classifier = make_pipeline(StandardScaler(), classifier)
    with pytest.raises(ValueError, match=r"decision_function_shape='ovo' gives .* Pass .*='ovr'"):
        SpeakerCalibratedClassifier(classifier).fit(values[rows], labels[rows])


def test_decisions_that_are_not_of_classes_are_refused(voices):
    class Pairs(SVC):
        def decision_function(self, X):
            return np.zeros((len(X), 6))

    values, labels, _ = voices()
    with pytest.raises(ValueError, match="Pairs gives 6 decision values for 3 classes"):
        SpeakerCalibratedClassifier(Pairs()).fit(values, labels)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_clips_of_no_known_speaker_are_refused(voices, missing):
    values, labels, speakers = voices()
    groups = speakers.astype(object)
    groups[3] = missing
    with pytest.raises(ValueError, match="groups lacks the speaker of 1 of 144 clips"):
        calibrated().fit(values, labels, groups=groups)


def test_it_repeats_and_survives_a_pickle(voices):
    values, labels, speakers = voices()
    first, second = (calibrated().fit(values, labels, groups=speakers) for _ in range(2))
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.predict_proba(values), second.predict_proba(values))
    np.testing.assert_array_equal(first.predict_proba(values), again.predict_proba(values))


def test_groups_reach_it_through_a_pipeline(voices):
    values, labels, speakers = voices()
    expected = calibrated().fit(values, labels, groups=speakers).predict_proba(values)
    named = make_pipeline("passthrough", calibrated())
    named.fit(values, labels, speakercalibratedclassifier__groups=speakers)
    with config_context(enable_metadata_routing=True):
        routed = make_pipeline("passthrough", calibrated().set_fit_request(groups=True))
        routed.fit(values, labels, groups=speakers)
    for pipeline in (named, routed):
        np.testing.assert_allclose(pipeline.predict_proba(values), expected)


def test_other_meta_estimators_hand_groups_to_it():
    pipeline = make_pipeline(StandardScaler(), calibrated())
    assert fit_keyword(pipeline, "groups") == "speakercalibratedclassifier__groups"
    assert fit_keyword(pipeline, "sample_weight") is None


def test_groups_of_another_length_are_refused(voices):
    values, labels, speakers = voices()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        calibrated().fit(values, labels, groups=speakers[1:])


def test_it_predicts_only_when_fitted():
    with pytest.raises(NotFittedError):
        calibrated().predict([[0.0]])


def test_what_has_no_decision_function_is_refused(voices):
    values, labels, _ = voices()
    with pytest.raises(ValueError, match="'estimator' parameter"):
        SpeakerCalibratedClassifier(StandardScaler()).fit(values, labels)
