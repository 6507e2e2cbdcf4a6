import numpy as np
import pytest

from skser import SpectralFlatness


@pytest.mark.parametrize("y", [np.ones(1), np.zeros(5000)], ids=["impulse", "silence"])
def test_flat_spectrum_has_1(y):
    np.testing.assert_allclose(SpectralFlatness().fit_transform([y]), 1, rtol=1e-5)


def test_single_bin_has_its_share_of_the_floor(quarter_rate_cosine):
    # One power of 1024**2, 1024 powers at the floor of 1e-10.
    geometric = np.exp((np.log(1024**2) + 1024 * np.log(1e-10)) / 1025)
    flatness = SpectralFlatness(window="boxcar", pooling="median")
    np.testing.assert_allclose(
        flatness.fit_transform([quarter_rate_cosine]), geometric / (1024**2 / 1025), rtol=1e-4
    )


def test_noise_is_flatter_than_a_tone(rng, quarter_rate_cosine):
    noise, tone = SpectralFlatness().fit_transform([rng.normal(size=5000), quarter_rate_cosine])
    assert noise > 0.3 > 0.03 > tone
