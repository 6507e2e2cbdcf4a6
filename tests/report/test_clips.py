import io
from pathlib import Path

import numpy as np
import pytest

from skser import Segment
from skser.report._clips import clip_names


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["data/a/1.wav", "data/b/2.wav"], ["1.wav", "2.wav"]),
        (["data/a/1.wav", "data/b/1.wav", "data/b/2.wav"], ["a/1.wav", "b/1.wav", "2.wav"]),
        (["/x/anna/s/1.wav", "/x/ben/s/1.wav"], ["anna/s/1.wav", "ben/s/1.wav"]),
        (["1.wav", "b/1.wav"], ["1.wav", "b/1.wav"]),
        (["a/1.wav", "a/1.wav"], ["1.wav", "1.wav"]),
        ([Path("a/1.wav"), "/c/a/1.wav"], ["a/1.wav", "c/a/1.wav"]),
    ],
)
def test_files_of_one_name_are_told_apart_by_as_few_folders_as_possible(paths, names):
    assert clip_names(paths) == names


def test_segments_have_their_times_and_samples_a_number():
    items = [Segment("a/1.wav", 0, 1), Segment("b/1.wav", 0, 1), np.zeros(9), io.BytesIO()]
    assert clip_names(items) == ["a/1.wav, 0 to 1 s", "b/1.wav, 0 to 1 s", "clip 2", "clip 3"]
