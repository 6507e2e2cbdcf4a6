from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import (
    MFCC,
    Analysis,
    AnalysisPlan,
    Audio,
    AugmentedClassifier,
    Compose,
    Conv1DClassifier,
    EmotionReport,
    Gain,
    RelevanceMap,
    SegmentClassifier,
    SequentialGroupSelector,
    SpeakerNormalizer,
    TrimSilence,
    _doc_link,
)


def function(values):
    return values.mean(axis=1)


ESTIMATORS = [
    MFCC(pooling=function),
    Conv1DClassifier(function),
    Conv1DClassifier(partial(function, axis=0), random_state=np.random.RandomState(0)),
    AugmentedClassifier(Conv1DClassifier(function), function),
    SegmentClassifier(make_pipeline(MFCC(pooling=function), LogisticRegression())),
    SpeakerNormalizer(MFCC(pooling=function)),
    SequentialGroupSelector(Conv1DClassifier(), scoring=function),
    Compose([Gain(gain=function)]),
    TrimSilence(top_db=function),
]


def ids(estimator):
    return type(estimator).__name__


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=ids)
def test_an_estimator_shows_functions_without_addresses(estimator):
    assert "function>" in repr(estimator).replace("<function function", "function")
    assert "0x" not in repr(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS[:3], ids=ids)
def test_a_diagram_shows_functions_without_addresses(estimator):
    address = f"{id(function):x}"
    assert address not in estimator._repr_html_()
    assert address[-8:] not in estimator._repr_html_()


def test_results_are_shown_in_a_line_without_addresses():
    plan = AnalysisPlan(sr=8000)
    analysis = Analysis(np.zeros(8000, np.float32), plan)
    relevance = RelevanceMap(
        values=np.zeros((2, 3)),
        windows=np.zeros((3, 2)),
        bands=np.zeros((2, 2)),
        label="sad",
        score=0.7,
        predicted="sad",
        predicted_score=0.7,
        measure="probability",
        method="occlusion",
        domain="sound",
        sound=Audio(np.zeros(8000), 8000),
    )
    report = EmotionReport.from_predictions(["sad", "happy"], ["sad", "sad"], ["01", "01"])
    assert repr(analysis) == f"<Analysis of 1.00 s in 16 frames: {plan}>"
    assert repr(relevance) == (
        "<RelevanceMap of 'sad' by occlusion: probability 0.700, bands x windows 2 x 3>"
    )
    assert repr(report) == "<EmotionReport: UAR 0.500, accuracy 0.500, 2 clips>"


def test_a_diagram_links_to_our_reference_once_it_is_published(monkeypatch):
    assert Conv1DClassifier()._get_doc_link() == ""
    assert 'href="http' not in Conv1DClassifier()._repr_html_()
    monkeypatch.setattr(_doc_link, "_documentation", lambda: "https://docs.example")
    page = "https://docs.example/reference/skser.MFCC.html"
    assert MFCC()._get_doc_link() == page
    assert f'href="{page}"' in MFCC()._repr_html_()


def test_a_class_that_is_not_public_has_no_page(monkeypatch):
    class Own(MFCC):
        pass

    monkeypatch.setattr(_doc_link, "_documentation", lambda: "https://docs.example")
    assert Own()._get_doc_link() == ""
