import numpy as np
import pytest

from skser.analysis import _functionals as functionals

NAN = np.nan


def contour(*values):
    return np.array(values, dtype=np.float32)


def test_missing_frames_are_left_out():
    values = contour(1, NAN, 3, NAN)
    assert functionals.mean_and_variation(values) == (2, 0.5)
    low, middle, high, extent = functionals.percentiles(values)
    assert (low, middle, high, extent) == pytest.approx((1.4, 2, 2.6, 1.2))


def test_coefficients_of_several_contours_at_once():
    values = np.array([[1, 3], [-1, -3], [5, 5]], dtype=np.float32)
    np.testing.assert_allclose(functionals.mean_and_variation(values)[1], [0.5, -0.5, 0])


@pytest.mark.parametrize("values", [contour(), contour(NAN, NAN), contour(0, 0)])
def test_nothing_gives_zero(values):
    assert functionals.mean_and_variation(values) == (0, 0)
    np.testing.assert_array_equal(functionals.percentiles(values), 0)
    assert functionals.slopes(values, 0.01) == (0, 0, 0, 0)


def test_slopes_of_a_zigzag():
    # Up 2 in 2 frames, down 2 in 1, up 4 in 2, down 1 in 1.
    values = contour(0, 1, 2, 0, 2, 4, 3)
    slopes = functionals.slopes(values, 0.5)
    assert slopes.rising_mean == pytest.approx((2 + 4) / 2)
    assert slopes.rising_std == pytest.approx(1)
    assert slopes.falling_mean == pytest.approx((4 + 2) / 2)
    assert slopes.falling_std == pytest.approx(1)


def test_ripple_does_not_break_a_slope():
    values = np.linspace(0, 100, 101).astype(np.float32)
    values[50] += 3
    assert functionals.slopes(values, 0.01) == pytest.approx((100, 0, 0, 0))


def test_missing_frames_end_a_slope():
    # The leap across the gap is no slope.
    slopes = functionals.slopes(contour(0, 1, 2, NAN, 50, 51), 1.0)
    assert slopes == pytest.approx((1, 0, 0, 0))


def test_loudness_peaks_are_counted_by_the_second():
    time = np.arange(200) * 0.01
    syllables = (1 - np.cos(2 * np.pi * 4 * time)).astype(np.float32)
    ripple = 0.02 * np.sin(2 * np.pi * 30 * time).astype(np.float32)
    assert functionals.peaks_per_second(syllables + ripple, 0.01) == pytest.approx(4)


@pytest.mark.parametrize("values", [contour(), contour(1), contour(2, 2, 2)])
def test_a_steady_contour_has_no_peaks(values):
    assert functionals.peaks_per_second(values, 0.01) == 0


def test_rhythm_of_two_voiced_stretches():
    voiced = np.array([0, 1, 1, 0, 0, 0, 1, 1, 1, 1], dtype=bool)
    rhythm = functionals.rhythm(voiced, 0.1)
    assert rhythm == pytest.approx((2.0, 0.3, 0.1, 0.2, 0.1))


@pytest.mark.parametrize(
    ("voiced", "expected"),
    [
        (np.zeros(5, dtype=bool), (0, 0, 0, 0.5, 0)),
        (np.ones(5, dtype=bool), (2, 0.5, 0, 0, 0)),
        (np.zeros(0, dtype=bool), (0, 0, 0, 0, 0)),
    ],
)
def test_rhythm_without_a_change(voiced, expected):
    assert functionals.rhythm(voiced, 0.1) == pytest.approx(expected)


def test_the_ripple_of_a_steady_sound_is_no_peak():
    time = np.arange(300) * 0.01
    steady = (20 + 0.3 * np.sin(2 * np.pi * 19.5 * time)).astype(np.float32)
    assert functionals.peaks_per_second(steady, 0.01) == 0
