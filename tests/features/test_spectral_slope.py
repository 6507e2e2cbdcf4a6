import numpy as np
import pytest
from vowels import SR

from skser import SpectralSlope


@pytest.mark.parametrize("slope", [-0.03, 0.01])
def test_is_that_of_the_spectrum_of_a_click(slope):
    frequencies = np.fft.rfftfreq(160, 1 / SR)
    # Level above 2 kHz, so that a rising spectrum does not drown what is below.
    level = slope * np.minimum(frequencies, 2000)
    click = np.fft.irfft(10 ** (level / 20))
    # Symmetric about the middle of a frame, where the window is 1.
    y = np.zeros(SR)
    y[8000 - 80 : 8000 + 80] = np.roll(click, 80)
    frames = SpectralSlope(pooling=None).fit_transform([y]).reshape(2, -1)
    np.testing.assert_allclose(frames[:, 50], slope, rtol=0.15)


def test_names_say_which_band_it_is():
    names = SpectralSlope().fit([np.ones(SR)]).get_feature_names_out().tolist()
    assert names == ["spectralslope_0_500_mean", "spectralslope_500_1500_mean"]
