import numpy as np

from skser import SpectralBandwidth

BIN = 22050 / 2048


def test_tone_has_the_spread_of_the_window(quarter_rate_cosine):
    # A Hann window gives magnitudes 1/2, 1, 1/2 to three neighbouring bins: variance BIN**2 / 2.
    spread = SpectralBandwidth(pooling="median").fit_transform([quarter_rate_cosine])
    np.testing.assert_allclose(spread, BIN / np.sqrt(2), rtol=1e-4)


def test_order_1_is_the_mean_deviation(quarter_rate_cosine):
    spread = SpectralBandwidth(p=1, pooling="median").fit_transform([quarter_rate_cosine])
    np.testing.assert_allclose(spread, BIN / 2, rtol=1e-4)


def test_impulse_spreads_uniformly():
    # 1025 bins of equal magnitude: variance BIN**2 * (1025**2 - 1) / 12.
    spread = SpectralBandwidth().fit_transform([np.ones(1)])
    np.testing.assert_allclose(spread, BIN * np.sqrt((1025**2 - 1) / 12), rtol=1e-5)
