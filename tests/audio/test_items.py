import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from skser import (
    RMS,
    Audio,
    AudioError,
    AudioWarning,
    Segment,
    as_items,
    make_audio_union,
)
from skser.audio._items import describe, title_of

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
    with pytest.raises(AudioError, match="X is a nested list, but not a rectangular table"):
        RMS().fit(X)


def test_nested_list_of_numbers_is_a_table():
    rows = [[0.1, 0.2], [0.3, 0.4]]
    np.testing.assert_array_equal(RMS().fit_transform(rows), RMS().fit_transform(np.array(rows)))


@pytest.mark.parametrize("X", [[("a.wav", 0, 1)], [(np.ones(5), 8000)]], ids=["path", "samples"])
def test_plain_tuples_are_pointed_to_the_named_ones(X):
    with pytest.raises(AudioError, match=r"Use Audio\(\*clip\) for the result of librosa\.load"):
        RMS().fit(X)


def test_a_table_of_paths_is_pointed_to_its_column():
    with pytest.raises(AudioError, match=r"Pass only the column of paths, such as X\['path'\]"):
        RMS().fit(pd.DataFrame({"path": ["a.wav", "b.wav"]}))


def nested(rows):
    return np.asarray(rows).tolist()


def objects(rows):
    return pd.DataFrame(rows).astype(object)


LAYOUTS = [list, np.asarray, pd.DataFrame]
"""Two 1-D arrays, the rows of an array, and the rows of a table."""


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint64", "uint16", "int8"])
def test_integers_without_a_full_scale_are_refused(dtype, layout):
    clips = layout([np.array([0, 1, 0], dtype=dtype), np.array([0, 3, 0], dtype=dtype)])
    with pytest.raises(
        AudioError,
        match=rf"X\[0\] .*: the samples have dtype {dtype} and values from 0 to 1, whose full",
    ):
        RMS().fit(clips)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("peak", [5, -5, 3000, -(2**63)])
def test_int64_that_could_be_pcm_is_refused(peak, layout):
    clips = layout([np.array([0, 4, -4]), np.array([0, peak, 0])])
    with pytest.raises(
        AudioError, match=r"X\[1\] .*: the samples have dtype int64 and values .*full scale"
    ):
        RMS().fit(clips)


@pytest.mark.parametrize("layout", [nested, objects])
def test_numbers_without_a_dtype_are_refused_as_the_integers_they_are(layout):
    with pytest.raises(
        AudioError, match=r"X\[0\] .*: the samples have dtype int64 and values from -3000 to 3000"
    ):
        RMS().fit(layout([[3000, -3000], [3000, 0]]))


@pytest.mark.parametrize("layout", [*LAYOUTS, nested, objects])
def test_int64_too_small_for_pcm_is_samples_as_they_are(layout):
    clips = np.array([[0, 1, 0, -1], [4, 0, 0, -4]])
    np.testing.assert_array_equal(
        RMS().fit_transform(layout(list(clips))), RMS().fit_transform(clips.astype(float))
    )


@pytest.mark.parametrize("layout", [*LAYOUTS, lambda rows: np.array(rows).astype(object)])
@pytest.mark.parametrize("dtype", ["int16", "int32", "uint8"])
def test_pcm_is_scaled_in_every_layout(dtype, layout):
    info = np.iinfo(dtype)
    zero = (info.max + info.min + 1) // 2
    half = zero + (info.max - zero + 1) // 2
    clips = [np.full(100, half, dtype=dtype), np.full(100, zero, dtype=dtype)]
    if layout not in LAYOUTS:
        clips = [[np.dtype(dtype).type(v) for v in clip] for clip in clips]
        clips = pd.DataFrame(clips, dtype=object)
    else:
        clips = layout(clips)
    expected = RMS().fit_transform([np.full(100, 0.5), np.zeros(100)])
    np.testing.assert_array_equal(RMS().fit_transform(clips), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["bool", "datetime64[s]", "timedelta64[s]"])
def test_samples_that_are_not_numbers_are_refused_in_every_layout(dtype, layout):
    rows = [np.zeros(5, dtype=dtype), np.zeros(5, dtype=dtype)]
    with pytest.raises(AudioError, match=r"X\[0\] .*: the samples have dtype .*, but numbers"):
        RMS().fit(layout(rows))


@pytest.mark.parametrize(
    "layout",
    [list, np.ma.stack, lambda rows: [Audio(row, 8000) for row in rows]],
    ids=["list", "table", "Audio"],
)
def test_masked_samples_are_refused(layout):
    clips = layout([np.ma.array([0.1, 0.2]), np.ma.array([0.1, np.nan], mask=[False, True])])
    with pytest.raises(AudioError, match=r"X\[1\] .*: 1 of 2 samples are masked\. Fill them"):
        RMS().fit(clips)


@pytest.mark.parametrize("layout", [list, np.ma.stack], ids=["list", "table"])
def test_array_that_masks_nothing_is_taken_as_it_is(layout):
    clips = layout([np.ma.array([0.1, 0.2]), np.ma.array([0.3, 0.4])])
    np.testing.assert_array_equal(
        RMS().fit_transform(clips), RMS().fit_transform(np.array([[0.1, 0.2], [0.3, 0.4]]))
    )


@pytest.mark.parametrize("layout", [list, np.ma.stack], ids=["list", "table"])
def test_masked_clip_becomes_a_row_of_nan_though_its_samples_were_kept(layout, tmp_path):
    rows = np.tile([[0.1], [0.3]], 2205)
    union = make_audio_union(RMS(), on_error="nan", memory=tmp_path)
    values = union.fit_transform(layout(list(np.ma.array(rows))))
    masked = layout([np.ma.array(rows[0]), np.ma.array(rows[1], mask=np.arange(2205) == 0)])
    with pytest.warns(AudioWarning, match=r"X\[1\] .* 1 of 2205 samples are masked"):
        np.testing.assert_array_equal(union.transform(masked), [values[0], [np.nan]])


@pytest.mark.parametrize("layout", [list, np.asarray], ids=["list", "table"])
def test_integers_without_a_full_scale_become_a_row_of_nan(layout):
    union = make_audio_union(RMS(), on_error="nan")
    with pytest.warns(
        AudioWarning, match=r"X\[1\] .* samples have dtype int64 and values from 0 to 3000"
    ):
        values = union.fit_transform(layout([np.array([0, 1]), np.array([0, 3000])]))
    np.testing.assert_array_equal(np.isnan(values), [[False], [True]])


@pytest.mark.parametrize(
    "bad",
    [3, 0.5, None, [1, 2, "x"], ["a", "b"], [[0.1], [0.2]], ("a.wav", 0, 1), {"a": 1}, b"a.wav"],
    ids=repr,
)
@pytest.mark.parametrize("layout", [list, as_items, lambda clips: pd.Series(as_items(clips))])
def test_what_is_no_clip_becomes_a_row_of_nan_whatever_is_beside_it(layout, bad):
    clip = np.ones(2205)
    union = make_audio_union(RMS(), on_error="nan").fit([clip])
    rms = union.transform([clip])[0, 0]
    for clips, expected in [
        ([bad], [np.nan]),
        ([bad, bad], [np.nan, np.nan]),
        ([bad, clip], [np.nan, rms]),
        ([bad, "missing.wav"], [np.nan, np.nan]),
    ]:
        with pytest.warns(AudioWarning, match=r"X\[0\] .*: this is not a clip"):
            np.testing.assert_array_equal(union.transform(layout(clips))[:, 0], expected)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones(5), "one-dimensional and numeric"),
        (pd.Series([1, 2]), "one-dimensional and numeric"),
        ([], "X is empty"),
        ("a.wav", "X is a single clip"),
        ({"a": ONE}, "X is a dict"),
        (pd.DataFrame({"path": ["a.wav"]}), "X is a table of text"),
        (np.ones((1, 2, 5)), "dim 3"),
    ],
    ids=["array of samples", "Series of samples", "empty", "clip", "dict", "text", "3-D"],
)
def test_what_is_no_collection_of_clips_is_an_error_under_on_error_nan_too(X, message):
    union = make_audio_union(RMS(), on_error="nan").fit([ONE])
    with pytest.raises(ValueError, match=message):
        union.transform(X)


def test_channels_of_different_length_are_refused():
    with pytest.raises(AudioError, match="channels must have the same length"):
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
    with pytest.raises(
        AudioError, match=rf"X\[1\] {type(item).__name__}: this is not a clip\. A clip is"
    ):
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
    with pytest.raises(AudioError, match=r"X\[0\].*: the samples have dtype .*, but numbers"):
        RMS().fit([clip])


@pytest.mark.parametrize(
    "sr",
    [
        0,
        -8000,
        1,
        999,
        1_000_001,
        1e300,
        10**5000,
        np.nan,
        np.inf,
        "8000",
        None,
        True,
        8000j,
        np.complex64(8000),
        np.timedelta64(8000),
    ],
    ids=lambda sr: type(sr).__name__,
)
def test_sample_rate_outside_1_khz_to_1_mhz_is_refused(sr):
    with pytest.raises(
        AudioError, match=r"X\[1\] Audio .*: the sample rate .* of Hz from 1000 to 1000000"
    ):
        RMS().fit([ONE, Audio(ONE, sr)])


class Broken:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("the device is gone")

    def __repr__(self):
        raise RuntimeError("no name")


class NoPath(os.PathLike):
    def __fspath__(self):
        raise RuntimeError("no path")


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (Audio(Broken(), 8000), r"X\[1\] Audio: y cannot be .* \(the device is gone\)"),
        (
            Audio(ONE, Broken()),
            r"X\[1\] Audio of shape \(1,\) at <Broken> Hz: the sample rate",
        ),
        (Segment(None, 0, 1), r"X\[1\] None from 0 to 1 s: this is not a clip"),
        (Segment("a.wav", 0, 10**5000), r"X\[1\] 'a\.wav' from 0 to <int> s: no such file"),
        (Segment("a.wav", 0, 1j), r"X\[1\] 'a\.wav' from 0 to 1j s: start and end must be"),
        (NoPath(), r"X\[1\] <NoPath>: the file cannot be opened \(no path\)"),
        ("a\0b.wav", r"X\[1\] 'a\\x00b\.wav': the file cannot be opened \(.*null"),
    ],
    ids=["y", "sr", "no path", "large number", "complex number", "broken path", "null"],
)
@pytest.mark.parametrize("kept", [False, True])
def test_whatever_is_wrong_with_a_clip_names_it(clip, message, kept, tmp_path):
    union = make_audio_union(RMS(), on_error="nan", memory=tmp_path if kept else None)
    with pytest.warns(AudioWarning, match=message):
        values = union.fit_transform([ONE, clip])
    np.testing.assert_array_equal(np.isnan(values), [[False], [True]])


def test_name_that_is_not_utf_8_can_be_printed():
    path = os.fsdecode(b"folder/caf\xe9.wav")
    assert describe(path, 3).encode() == rb"X[3] 'folder/caf\udce9.wav'"
    assert title_of(path).encode() == rb"caf\xe9.wav"
    assert title_of(Segment(path, 0, 1)).encode() == rb"caf\xe9.wav, 0 to 1 s"


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
    with pytest.raises(AudioError, match=r"X\[1\] .*: the clip has 0 samples\. Remove it"):
        RMS().fit([ONE, clip])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("kind", [np.asarray, lambda y: Audio(y, 8000)], ids=["array", "Audio"])
def test_samples_that_are_not_finite_are_refused(kind, value):
    with pytest.raises(AudioError, match=r"X\[1\] .*: the samples contain NaN, infinity"):
        RMS().fit_transform([ONE, kind(np.array([0.1, value]))])


def test_table_must_keep_its_number_of_samples():
    with pytest.raises(ValueError, match="X has 6 features, but RMS is expecting 5 features"):
        RMS().fit(np.ones((2, 5))).transform(np.ones((2, 6)))
