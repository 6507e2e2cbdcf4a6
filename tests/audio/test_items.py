from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from skser import RMS, Audio, AudioError, Segment, as_items

ONE = np.ones(1)


def test_clips_of_one_length_stay_clips():
    clips = as_items([np.zeros(100), np.zeros(100), Audio(np.zeros(100), 8000)])
    assert clips.shape == (3,)
    assert isinstance(clips[2], Audio)


@pytest.mark.parametrize(
    "clip",
    ["a.wav", b"a.wav", Path("a.wav"), Segment("a.wav", 0, 1), Audio(ONE, 8000)],
    ids=lambda clip: type(clip).__name__,
)
def test_single_clip_is_refused(clip):
    with pytest.raises(AudioError, match=r"X is a single clip \(.*Pass a list: \[clip\]"):
        RMS().fit(clip)


@pytest.mark.parametrize("X", [[], (), np.array([], dtype=object)], ids=repr)
def test_no_clips_are_refused(X):
    with pytest.raises(AudioError, match="X is empty: found 0 clips"):
        RMS().fit(X)


@pytest.mark.parametrize("X", [np.ones(5), [0.1, 0.2], [1, 2]], ids=repr)
def test_samples_of_a_single_clip_are_refused(X):
    with pytest.raises(AudioError, match=r"one-dimensional and numeric.* X\.reshape\(1, -1\)"):
        RMS().fit(X)


@pytest.mark.parametrize(
    ("X", "kind"), [({"a": ONE}, "dict"), ({"a.wav"}, "set"), (iter(["a.wav"]), "list_iterator")]
)
def test_other_collections_are_refused(X, kind):
    with pytest.raises(AudioError, match=f"X is a {kind}, but a list, a pandas Series"):
        RMS().fit(X)


@pytest.mark.parametrize("X", [[[0.1, 0.2], [0.3]], [["a.wav"]], [[[0.1], [0.2]]]], ids=repr)
def test_nested_list_that_is_no_table_is_refused(X):
    with pytest.raises(AudioError, match="X is a nested list that is no rectangular table"):
        RMS().fit(X)


def test_nested_list_of_numbers_is_a_table():
    rows = [[0.1, 0.2], [0.3, 0.4]]
    np.testing.assert_array_equal(RMS().fit_transform(rows), RMS().fit_transform(np.array(rows)))


@pytest.mark.parametrize("X", [[("a.wav", 0, 1)], [(np.ones(5), 8000)]], ids=["path", "samples"])
def test_plain_tuples_are_pointed_to_the_named_ones(X):
    with pytest.raises(AudioError, match=r"Audio\(\*clip\), path and times are Segment"):
        RMS().fit(X)


def test_a_table_of_paths_is_pointed_to_its_column():
    with pytest.raises(AudioError, match=r"Pass the column of paths alone, such as X\['path'\]"):
        RMS().fit(pd.DataFrame({"path": ["a.wav", "b.wav"]}))


@pytest.mark.parametrize("dtype", ["int64", "uint16", "int8", "bool"])
def test_integers_without_a_full_scale_are_refused(dtype):
    with pytest.raises(AudioError, match=f"samples of dtype {dtype}"):
        RMS().fit([np.ones(5, dtype=dtype)])


def test_channels_of_different_length_are_refused():
    with pytest.raises(AudioError, match="channels must have one length"):
        RMS().fit([Audio([[1.0, 2.0], [1.0]], 8000)])


def test_sparse_table_is_refused():
    with pytest.raises(TypeError, match="Sparse data was passed"):
        RMS().fit(csr_array(np.ones((2, 5))))


@pytest.mark.parametrize("X", [np.ones((2, 2, 5)), np.array(1.0)], ids=["3-D", "0-D"])
def test_arrays_of_other_dimensions_are_refused(X):
    with pytest.raises(ValueError, match=r"dim 3|0D array|scalar array"):
        RMS().fit(X)


@pytest.mark.parametrize("item", [None, 3.0, b"a.wav", {"a": 1}, [0.1, 0.2], (0.1, 8000)], ids=repr)
def test_what_is_no_clip_is_refused(item):
    with pytest.raises(AudioError, match=rf"X\[1\] {type(item).__name__}: not a clip\. A clip is"):
        RMS().fit([ONE, item])


@pytest.mark.parametrize(
    "clip", [Audio(np.ones(5) * 1j, 8000), np.ones(5) * 1j], ids=["Audio", "array"]
)
def test_complex_samples_are_refused(clip):
    with pytest.raises(AudioError, match=r"X\[0\].* Complex data not supported"):
        RMS().fit([clip])


@pytest.mark.parametrize(
    "clip",
    [Audio(np.array(["a"]), 8000), np.array(["a"]), np.array([None]), np.array([True])],
    ids=repr,
)
def test_samples_that_are_no_numbers_are_refused(clip):
    with pytest.raises(AudioError, match=r"X\[0\].*: samples of dtype .*, but numbers"):
        RMS().fit([clip])


@pytest.mark.parametrize("sr", [0, -8000, np.nan, np.inf, "8000", None, True])
def test_sample_rate_that_is_no_positive_number_is_refused(sr):
    with pytest.raises(AudioError, match=r"X\[1\] Audio .*: sample rate .* positive number of Hz"):
        RMS().fit([ONE, Audio(ONE, sr)])


def test_samples_by_channels_are_refused():
    with pytest.raises(AudioError, match=r"5000 channels of 2 samples\. .* Audio\(y\.T, sr\)"):
        RMS().fit([Audio(np.ones((5000, 2)), 8000)])


@pytest.mark.parametrize("clip", [np.ones((2, 5)), Audio(np.ones((1, 2, 5)), 8000), np.array(1.0)])
def test_clips_of_other_dimensions_are_refused(clip):
    with pytest.raises(AudioError, match=r"X\[1\] .* dimensions\. A clip is a 1-D array, or Audio"):
        RMS().fit(as_items([ONE, clip]))


@pytest.mark.parametrize(
    "clip", [np.ones(0), Audio(np.ones(0), 8000), Audio(np.ones((2, 0)), 8000)]
)
def test_clips_without_samples_are_refused(clip):
    with pytest.raises(AudioError, match=r"X\[1\] .*: 0 samples\. Remove the clip"):
        RMS().fit([ONE, clip])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("kind", [np.asarray, lambda y: Audio(y, 8000)], ids=["array", "Audio"])
def test_samples_that_are_not_finite_are_refused(kind, value):
    with pytest.raises(AudioError, match=r"X\[1\] .*: the samples contain NaN, infinity"):
        RMS().fit_transform([ONE, kind(np.array([0.1, value]))])


def test_table_must_keep_its_number_of_samples():
    with pytest.raises(ValueError, match="X has 6 features, but RMS is expecting 5 features"):
        RMS().fit(np.ones((2, 5))).transform(np.ones((2, 6)))
