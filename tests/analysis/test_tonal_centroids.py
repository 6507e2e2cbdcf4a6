import numpy as np
import pytest

from skser.analysis._tonal_centroids import tonal_centroids

ONE_CLASS = np.eye(12, dtype=np.float32)


def test_c_has_an_angle_of_zero_on_every_circle():
    np.testing.assert_allclose(tonal_centroids(ONE_CLASS[:1]), [[0, 1, 0, 1, 0, 0.5]], atol=1e-7)


def test_a_fifth_is_a_twelfth_of_a_turn_on_the_circle_of_fifths():
    np.testing.assert_allclose(tonal_centroids(ONE_CLASS)[7, :2], [0.5, np.sqrt(0.75)], atol=1e-6)


@pytest.mark.parametrize(("circle", "semitones"), [(1, 4), (2, 3)])
def test_pitch_classes_recur_on_the_circles_of_thirds(circle, semitones):
    points = tonal_centroids(ONE_CLASS)[:, 2 * circle : 2 * circle + 2]
    np.testing.assert_allclose(np.roll(points, semitones, axis=0), points, atol=1e-6)


def test_level_does_not_matter_and_silence_is_in_the_middle(rng):
    chroma = rng.random((5, 12), dtype=np.float32)
    np.testing.assert_allclose(tonal_centroids(8 * chroma), tonal_centroids(chroma), rtol=1e-5)
    np.testing.assert_array_equal(tonal_centroids(np.zeros((1, 12), np.float32)), np.zeros((1, 6)))
