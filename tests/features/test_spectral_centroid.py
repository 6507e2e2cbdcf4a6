import numpy as np
import pytest

from skser import SpectralCentroid


@pytest.mark.parametrize("window", ["hann", "boxcar"])
def test_tone_has_its_own_frequency(window, quarter_rate_cosine):
    feature = SpectralCentroid(window=window, pooling="median")
    np.testing.assert_allclose(feature.fit_transform([quarter_rate_cosine]), 22050 / 4, rtol=1e-5)


def test_impulse_has_half_the_nyquist_frequency():
    np.testing.assert_allclose(SpectralCentroid().fit_transform([np.ones(1)]), 22050 / 4)


def test_silence_has_0_hz():
    assert SpectralCentroid().fit_transform([np.zeros(5000)])[0, 0] == 0
