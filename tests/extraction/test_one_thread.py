"""Extraction computes on one thread, and gives the user's setting back."""

import threading
from functools import partial

import numpy as np
import pytest
import scipy.linalg  # noqa: F401 (its threads are bounded too)
from threadpoolctl import threadpool_info, threadpool_limits

from skser import MFCC, AudioError, AudioFunction
from skser.extraction._one_thread import one_thread


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
    feature = AudioFunction(partial(note_threads, seen=seen)).fit([np.ones(4000, np.float32)])
    seen.clear()
    feature.transform([np.ones(4000, np.float32)] * 2)
    assert seen == [{1}, {1}]
    assert blas_threads() == {2}


def test_the_setting_is_given_back_after_an_error():
    with pytest.raises(AudioError):
        MFCC().fit(["no such file.wav"])
    assert blas_threads() == {2}


def test_the_setting_is_given_back_after_calls_that_overlap():
    first_in, second_in = threading.Event(), threading.Event()

    def first():
        with one_thread():
            first_in.set()
            second_in.wait(10)

    def second():
        first_in.wait(10)
        with one_thread():
            second_in.set()
            worker.join(10)

    worker = threading.Thread(target=first)
    worker.start()
    other = threading.Thread(target=second)
    other.start()
    other.join(20)
    assert blas_threads() == {2}
