"""Extraction computes on one thread, and gives the user's setting back."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import scipy.linalg  # noqa: F401 (its threads are bounded too)
from threadpoolctl import threadpool_info, threadpool_limits

from skser import MFCC, AudioError, AudioFunction


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def note_threads(y, sr, *, seen):
    seen.append(blas_threads())
    return np.zeros(1)


def test_clips_are_computed_on_one_thread():
    seen = []
    feature = AudioFunction(partial(note_threads, seen=seen)).fit([np.ones(800, np.float32)])
    seen.clear()
    feature.transform([np.ones(800, np.float32)] * 2)
    assert seen == [{1}, {1}]
    assert blas_threads() == {2}


def test_the_setting_is_given_back_after_an_error():
    with pytest.raises(AudioError):
        MFCC().fit(["no such file.wav"])
    assert blas_threads() == {2}


def test_the_setting_is_given_back_after_calls_in_several_threads():
    clips = [np.random.default_rng(0).normal(size=8000).astype(np.float32)] * 20
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: MFCC().fit_transform(clips), range(8)))
    assert blas_threads() == {2}
