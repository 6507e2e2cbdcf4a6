import numpy as np
import pytest

from skser import AudioError
from skser.preprocessing._ragged import check_ragged, is_ragged, pad_ragged


def in_object_array(*arrays):
    whole = np.empty(len(arrays), dtype=object)
    for index, array in enumerate(arrays):
        whole[index] = array
    return whole


@pytest.fixture(params=[list, lambda arrays: in_object_array(*arrays)], ids=["list", "object"])
def container(request):
    return request.param


@pytest.mark.parametrize(
    ("X", "ragged"),
    [
        (in_object_array(np.ones((2, 3)), np.ones((2, 4))), True),
        (np.ones((2, 3, 4)), False),
        (np.ones((2, 3, 4), dtype=object), False),
        ([np.ones((2, 3)), np.ones((2, 4))], False),
        (np.array(["a.wav", "b.wav"]), False),
    ],
    ids=["object array", "array", "objects in three axes", "list", "names"],
)
def test_ragged_is_an_object_array_of_one_axis(X, ragged):
    assert is_ragged(X) is ragged


def test_arrays_that_differ_along_the_axis_are_kept_as_they_are(container, rng):
    arrays = [rng.normal(size=(2, n)).astype(np.float32) for n in (3, 5)]
    checked = check_ragged(container(arrays), axis=1)
    assert is_ragged(checked)
    for array, kept in zip(arrays, checked, strict=True):
        np.testing.assert_array_equal(kept, array)


def test_arrays_of_one_shape_become_one_array(container, rng):
    arrays = [rng.normal(size=(2, 3)) for _ in range(4)]
    checked = check_ragged(container(arrays), axis=1)
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, np.stack(arrays))


@pytest.mark.parametrize("dtype", [np.float64, np.int16, bool])
def test_numbers_become_float32(dtype):
    checked = check_ragged([np.ones((2, 3), dtype), np.ones((2, 4), dtype)], axis=1)
    assert {item.dtype for item in checked} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("shapes", "axis"),
    [([(3, 2), (5, 2)], 0), ([(2, 3), (2, 5)], 1), ([(2, 3, 4), (2, 5, 4)], 1)],
)
def test_lengths_may_differ_along_the_axis_that_is_given(shapes, axis):
    checked = check_ragged([np.ones(shape) for shape in shapes], axis)
    assert [item.shape for item in checked] == shapes


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            [[[1, 2]], [[1, 2], [3, 4]]],
            r"X\[1\] is a list of shape \(2, 2\), but X\[0\] is a list of shape \(1, 2\)\.",
        ),
        (
            [np.ones((1, 2)), np.ones((1, 2)), [[1, 2, 3]]],
            r"X\[2\] is a list of shape \(1, 3\), but X\[0\] is an array of shape \(1, 2\)\.",
        ),
    ],
    ids=["frames", "beside arrays"],
)
def test_nested_lists_that_differ_in_length_are_to_be_arrays(X, message):
    with pytest.raises(AudioError, match=rf"{message} .* \[np\.asarray\(clip\) for clip in X\]"):
        check_ragged(X, axis=0)


@pytest.mark.parametrize(
    "X",
    [
        np.ones((2, 3, 4)),
        np.ones((2, 3), dtype=object),
        [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        [np.ones(3), np.ones(4)],
        ["a.wav", "b.wav"],
        [],
        None,
    ],
    ids=["array", "objects", "nested lists", "vectors", "names", "none", "None"],
)
def test_anything_else_is_returned_as_it_is(X):
    assert check_ragged(X, axis=1) is X


def test_what_is_given_is_not_changed(container):
    given = container([np.ones((2, 3)), np.ones((2, 4))])
    check_ragged(given, axis=1)[0][:] = 0
    assert given[0].dtype == np.float64
    assert given[0].all()


@pytest.mark.parametrize(
    "shape", [(3, 4), (2, 4, 1), (2,)], ids=["more rows", "more axes", "fewer axes"]
)
def test_arrays_that_differ_along_another_axis_are_refused(container, shape):
    with pytest.raises(AudioError, match=r"X\[1\] has shape .* but X\[0\] has \(2, 3\): only the"):
        check_ragged(container([np.ones((2, 3)), np.ones(shape)]), axis=1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(AudioError, match=r"X\[1\] contains NaN or infinity"):
        check_ragged([np.ones((2, 3)), np.full((2, 4), value)], axis=1)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([np.ones(3), np.ones(4)], r"X\[0\] is ndarray of shape \(3,\), but .* two or three axes"),
        ([np.ones((2, 3)), "b.wav"], r"X\[1\] is str 'b\.wav'"),
        (["a.wav", "b.wav"], r"X\[0\] is str 'a\.wav', but .*\. Put a feature before this step"),
        ([], "X is an empty object array"),
    ],
    ids=["vectors", "a name", "names", "nothing"],
)
def test_an_object_array_of_anything_else_is_refused(items, message):
    with pytest.raises(AudioError, match=message):
        check_ragged(in_object_array(*items), axis=1)


def test_an_empty_array_is_refused():
    with pytest.raises(AudioError, match=r"X\[1\] is an array of shape \(2, 0\)"):
        check_ragged([np.ones((2, 3)), np.ones((2, 0))], axis=1)


@pytest.mark.parametrize("dtype", [str, object, complex])
def test_what_is_not_numeric_is_refused(dtype):
    with pytest.raises(AudioError, match=r"X\[0\] is an array of shape \(2, 3\) and dtype"):
        check_ragged([np.ones((2, 3)).astype(dtype), np.ones((2, 4))], axis=1)


def test_arrays_are_padded_to_the_longest_with_nan(rng):
    images = [rng.normal(size=(2, n, 3)).astype(np.float32) for n in (4, 1, 2)]
    padded = pad_ragged(in_object_array(*images))
    assert padded.shape == (3, 2, 4, 3)
    assert padded.dtype == np.float32
    for image, whole in zip(images, padded, strict=True):
        np.testing.assert_array_equal(whole[:, : image.shape[1]], image)
        assert np.isnan(whole[:, image.shape[1] :]).all()


def test_sequences_are_padded_along_their_frames():
    padded = pad_ragged(in_object_array(np.ones((1, 2)), np.ones((3, 2))))
    np.testing.assert_array_equal(np.isnan(padded[0]), [[False] * 2, [True] * 2, [True] * 2])
    assert not np.isnan(padded[1]).any()
