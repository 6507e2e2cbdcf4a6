from pathlib import Path, PureWindowsPath

import numpy as np
import pytest
from joblib import Memory
from sklearn.dummy import DummyClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skser import AudioFunction, FeatureStore, Segment, make_report
from skser.report._diagram import diagram
from skser.report._provenance import call_of, seeds, shareable, written_out


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/home/anna/cache", "…/cache"),
        (Path("/home/anna/cache"), "…/cache"),
        ("C:\\Users\\anna\\cache", "…/cache"),
        (PureWindowsPath("C:/Users/anna/cache"), "…/cache"),
        (["/home/anna/a", {"b": ("/home/anna/b", 1)}], ["…/a", {"b": ("…/b", 1)}]),
        (FeatureStore("/home/anna/cache"), FeatureStore("…/cache")),
        (Segment("/home/anna/a.wav", 1, 2), Segment("…/a.wav", 1, 2)),
        (".skser-cache", ".skser-cache"),
        ("/", "/"),
        ("mean", "mean"),
        (None, None),
    ],
)
def test_the_last_part_of_an_absolute_path_is_left(value, shown):
    assert shareable(value) == shown
    assert type(shareable(value)) is type(shown)


@pytest.mark.parametrize("dtype", [object, str])
def test_so_are_the_paths_of_an_array(dtype):
    noises = np.array([["/home/anna/a.wav", "b.wav"]], dtype=dtype)
    assert shareable(noises).tolist() == [["…/a.wav", "b.wav"]]
    assert noises[0, 0] == "/home/anna/a.wav"


@pytest.mark.parametrize("memory", [str, Memory])
def test_the_estimator_keeps_its_path_and_its_copy_has_none(tmp_path, memory):
    inner = FunctionTransformer(kw_args={"noise": str(tmp_path / "noise")})
    pipeline = Pipeline(
        [("inner", inner), ("frozen", FrozenEstimator(inner)), ("scale", StandardScaler())],
        memory=memory(str(tmp_path / "steps")),
    )
    before = repr(pipeline)
    shown = written_out(shareable(pipeline))
    assert str(tmp_path) not in shown
    assert "…/steps" in shown
    assert shown.count("…/noise") == 2
    assert repr(pipeline) == before


class Halves:
    def split(self, X, y=None, groups=None):
        yield np.arange(2), np.arange(2, 4)


@pytest.mark.parametrize(
    ("cv", "shown"),
    [
        (np.int64(3), "3"),
        ([(np.arange(2), np.arange(2, 4))], "..."),
        (Halves(), "..."),
        (KFold(3), "KFold(n_splits=3, random_state=None, shuffle=False)"),
    ],
)
def test_a_call_is_code_without_addresses(cv, shown):
    assert call_of(make_report, {"cv": cv}).endswith(f"make_report(pipeline, corpus, cv={shown})")


def crest(y):
    return np.array([1.0])


def test_a_pipeline_is_shown_without_addresses():
    pipeline = Pipeline([("crest", AudioFunction(crest)), ("tree", FunctionTransformer(crest))])
    assert " at 0x" in repr(pipeline)
    assert " at 0x" not in written_out(pipeline)
    assert " at 0x" not in diagram(pipeline)
    assert (
        " at 0x"
        not in seeds(DummyClassifier(random_state=np.random.RandomState(0)))["random_state"]
    )
