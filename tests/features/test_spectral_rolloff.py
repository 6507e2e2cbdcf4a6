import numpy as np
import pytest

from skser import SpectralRolloff

BIN = 22050 / 2048


@pytest.mark.parametrize(("roll_percent", "bin_number"), [(0.2, 511), (0.5, 512), (0.85, 513)])
def test_tone_rolls_off_over_the_three_bins_of_the_window(
    roll_percent, bin_number, quarter_rate_cosine
):
    # A Hann window gives magnitudes 1/2, 1, 1/2 to bins 511, 512, 513.
    feature = SpectralRolloff(roll_percent, pooling="median")
    np.testing.assert_allclose(feature.fit_transform([quarter_rate_cosine]), bin_number * BIN)


@pytest.mark.parametrize("roll_percent", [0.1, 0.85, 0.99])
def test_share_of_an_impulse_is_that_of_the_bins(roll_percent):
    bin_number = np.ceil(roll_percent * 1025) - 1
    rolloff = SpectralRolloff(roll_percent).fit_transform([np.ones(1)])
    np.testing.assert_allclose(rolloff, bin_number * BIN)
