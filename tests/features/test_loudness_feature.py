import numpy as np
from vowels import SR, vowel

from skser import Loudness


def tone(frequency):
    return 0.1 * np.sin(2 * np.pi * frequency * np.arange(SR) / SR)


def test_ten_times_the_amplitude_is_louder_by_the_power_law():
    y = vowel().y
    soft, loud = Loudness().fit_transform([y, 10 * y])[:, 0]
    np.testing.assert_allclose(loud / soft, 100**0.33, rtol=1e-4)


def test_low_tone_is_softer_than_one_to_which_the_ear_is_sensitive():
    low, middle = Loudness().fit_transform([tone(60), tone(3000)])[:, 0]
    assert middle > 2 * low


def test_silence_is_0():
    assert Loudness().fit_transform([np.zeros(SR)])[0, 0] == 0
