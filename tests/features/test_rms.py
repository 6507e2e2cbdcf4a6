import numpy as np

from skser import RMS


def test_constant_has_its_own_magnitude():
    assert RMS(pooling="median").fit_transform([np.full(22050, -0.5)])[0, 0] == 0.5


def test_first_frame_is_half_padding():
    frames = RMS(pooling=None).fit_transform([np.full(22050, 0.5)])
    np.testing.assert_allclose(frames[0, 0], 0.5 * np.sqrt(0.5))


def test_one_sample_is_spread_over_the_frame():
    np.testing.assert_allclose(RMS().fit_transform([np.ones(1)]), 1 / np.sqrt(2048))


def test_is_proportional_to_gain(rng):
    y = rng.normal(scale=0.1, size=22050)
    np.testing.assert_allclose(RMS().fit_transform([4 * y]), 4 * RMS().fit_transform([y]))


def test_soft_end_keeps_its_level_after_a_loud_beginning():
    y = np.repeat([1.0, 1e-6], 22050)
    frames = RMS(pooling=None).fit_transform([y])[0]
    np.testing.assert_allclose(frames[50:80], 1e-6, rtol=1e-4)
