import numpy as np
from vowels import harmonics, vowel

from skser import HarmonicDifference


def test_h1_h2_is_the_ratio_of_two_amplitudes():
    amplitudes = 0.1 / np.arange(1, 31)
    h1_h2, _ = HarmonicDifference(pooling="median").fit_transform([harmonics(150, amplitudes)])[0]
    np.testing.assert_allclose(h1_h2, 20 * np.log10(2), atol=0.3)


def test_h1_a3_is_the_ratio_to_the_harmonic_at_the_third_formant():
    clip = vowel(125).y
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(clip * np.hanning(len(clip)))))
    _, h1_a3 = HarmonicDifference(pooling="median").fit_transform([clip])[0]
    # The clip lasts a second: bin k is k Hz. Harmonic 20 is at the third formant.
    np.testing.assert_allclose(h1_a3, spectrum[125] - spectrum[2500], atol=1)
