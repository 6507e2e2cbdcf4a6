"""Extraction on a cluster: real worker processes, one of which is killed."""

import os
import signal
from dataclasses import dataclass

import joblib
import numpy as np
import pytest
import soundfile
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skser import MFCC, RMS, ZCR, AudioFeatureUnion, as_items, incremental_grid

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@dataclass(eq=False, repr=False)
class Fatal(RMS):
    """Kills the first worker that comes to the clip of `at` samples."""

    flag: str = ""
    spared: int = 0
    at: int = 0

    def _frames(self, analysis):
        if len(analysis.y) == self.at and os.getpid() != self.spared:
            try:
                os.mkdir(self.flag)
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return super()._frames(analysis)


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(
            # Any free port: two processes that test have a cluster each.
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def both_workers(cluster):
    # With one worker, joblib computes on the spot.
    cluster.wait_for_workers(2, timeout=60)
    return cluster


@pytest.fixture
def paths(tmp_path, rng):
    files = [str(tmp_path / f"{i}.wav") for i in range(200)]
    for i, file in enumerate(files):
        soundfile.write(file, rng.normal(scale=0.1, size=4000 + i), 22050)
    return files


@pytest.fixture
def flag(tmp_path):
    return tmp_path / "a worker was killed"


def union(flag, **parameters):
    fatal = Fatal(flag=str(flag), spared=os.getpid(), at=4150)
    return AudioFeatureUnion([("zcr", ZCR()), ("mfcc", MFCC(5)), ("fatal", fatal)], **parameters)


@pytest.mark.parametrize("with_store", [False, True])
def test_a_union_is_complete_though_a_worker_is_killed(
    with_store, both_workers, paths, flag, tmp_path
):
    expected = union(flag).fit_transform(paths)
    memory = tmp_path / "store" if with_store else None
    with joblib.parallel_config(backend="dask"):
        values = union(flag, memory=memory).fit(paths).transform(paths)
    assert flag.exists()
    np.testing.assert_array_equal(values, expected)


async def with_its_task(data, **_):
    return data


def test_a_search_is_complete_though_a_worker_is_killed(both_workers, paths, flag, monkeypatch):
    X, y = as_items(paths), np.arange(len(paths)) % 2
    search = GridSearchCV(
        Pipeline([("features", union(flag)), ("classify", SVC())]),
        incremental_grid("features", ["zcr", "fatal"], ["mfcc"]),
        cv=3,
        error_score="raise",
    )
    expected = search.fit(X, y).cv_results_["mean_test_score"]
    # joblib gives arrays to one worker alone, with which they would be lost: docs/clusters.md.
    monkeypatch.setattr(both_workers, "scatter", with_its_task)
    with joblib.parallel_config(backend="dask"):
        scores = search.fit(X, y).cv_results_["mean_test_score"]
    assert flag.exists()
    np.testing.assert_array_equal(scores, expected)
