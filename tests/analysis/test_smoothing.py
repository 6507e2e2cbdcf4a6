import numpy as np

from skser.analysis._smoothing import smoothed

NAN = np.nan


def test_each_frame_is_averaged_with_its_neighbours():
    values = np.array([[3, 0, 6, 0, 0], [1, 1, 1, 1, 1]], dtype=np.float32)
    expected = [[1.5, 3, 2, 2, 0], [1, 1, 1, 1, 1]]
    np.testing.assert_allclose(smoothed(values), expected)


def test_missing_frames_stay_missing_and_are_left_out():
    values = np.array([1, NAN, 3, 5, NAN, NAN, 7], dtype=np.float32)
    np.testing.assert_allclose(smoothed(values), [1, NAN, 4, 4, NAN, NAN, 7])


def test_unvoiced_frames_are_left_out():
    values = np.array([1, 100, 3, 5], dtype=np.float32)
    unvoiced = np.array([False, True, False, False])
    np.testing.assert_allclose(smoothed(values, unvoiced), [1, NAN, 4, 4])


def test_single_frame_is_itself():
    np.testing.assert_array_equal(smoothed(np.array([2], dtype=np.float32)), [2])
