import numpy as np

from skser.live._moving_average import smoothed


def test_the_mean_is_over_windows_within_half_the_time():
    shares = np.array([[0.0, 1.0], [0.3, 0.7], [0.9, 0.1], [0.6, 0.4]])
    centres = np.array([1.0, 2.0, 3.0, 3.2])
    averaged = smoothed(shares, centres, 2.0)
    np.testing.assert_allclose(averaged[:, 0], [0.15, 0.4, 0.6, 0.75])
    np.testing.assert_allclose(averaged.sum(axis=1), 1)


def test_what_is_not_known_does_not_count_and_stays_unknown():
    shares = np.array([[0.2, 0.8], [np.nan, np.nan], [0.4, 0.6]])
    averaged = smoothed(shares, np.arange(3.0), 4.0)
    np.testing.assert_allclose(averaged[:, 0], [0.3, np.nan, 0.3])


def test_less_than_a_step_changes_nothing():
    shares = np.array([[0.2, 0.8], [0.5, 0.5]])
    assert np.array_equal(smoothed(shares, np.arange(2.0), 1.9), shares)
