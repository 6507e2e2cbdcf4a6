"""Extraction computes on one thread, and gives the user's setting back."""

import threading

import numpy as np
import pytest
import scipy.linalg  # noqa: F401 (its threads are bounded too)
from threadpoolctl import threadpool_info, threadpool_limits

from skser import MFCC, AudioError, AudioFunction, make_audio_union
from skser.extraction._one_thread import one_thread


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


seen = []


def note_threads(y, sr):
    seen.append(blas_threads())
    return np.zeros(1)


def test_clips_are_computed_on_one_thread():
    feature = AudioFunction(note_threads)
    clips = [np.ones(4000, np.float32)] * 2
    for extractor in (feature, make_audio_union(feature)):
        seen.clear()
        extractor.fit_transform(clips)
        assert seen == [{1}] * 4
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
