import numpy as np
from vowels import SR

from skser import AlphaRatio


def test_is_the_ratio_of_a_high_to_a_low_tone():
    time = np.arange(SR) / SR
    y = 0.5 * np.sin(2 * np.pi * 500 * time) + 0.05 * np.sin(2 * np.pi * 3000 * time)
    value = AlphaRatio(pooling="median").fit_transform([y])
    np.testing.assert_allclose(value, -20, atol=0.2)
