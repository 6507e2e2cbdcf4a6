import numpy as np
from vowels import SR

from skser import HammarbergIndex


def test_is_the_ratio_of_a_low_to_a_high_tone():
    time = np.arange(SR) / SR
    y = 0.5 * np.sin(2 * np.pi * 500 * time) + 0.05 * np.sin(2 * np.pi * 3000 * time)
    value = HammarbergIndex(pooling="median").fit_transform([y])
    np.testing.assert_allclose(value, 20, atol=0.2)
