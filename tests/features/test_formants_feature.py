import numpy as np
import pytest
from vowels import BANDWIDTHS, FORMANTS, harmonics, vowel

from skser import Formants


def test_vowel_has_its_formants():
    values = Formants(pooling="median").fit_transform([vowel(100).y]).reshape(3, 3)
    np.testing.assert_allclose(values[:, 0], FORMANTS[:3], rtol=0.05)
    np.testing.assert_allclose(values[:, 1], BANDWIDTHS[:3], rtol=0.5)


def test_amplitude_is_the_level_of_the_nearest_harmonic_over_that_of_the_first():
    # A voice whose harmonics fall by 12 dB an octave, but for one that is as strong as the first.
    amplitudes = 0.1 / np.arange(1, 31) ** 2
    amplitudes[4] = 0.1
    frequency, _, amplitude = Formants(1, pooling="median").fit_transform(
        [harmonics(120, amplitudes)]
    )[0]
    assert frequency == pytest.approx(600, rel=0.05)
    assert amplitude == pytest.approx(0, abs=0.5)


def test_names_say_what_a_value_is():
    names = Formants(2).fit([vowel().y]).get_feature_names_out().tolist()
    assert names == [
        f"formants_f{n}{measure}_mean"
        for n in (1, 2)
        for measure in ("", "_bandwidth", "_amplitude")
    ]


def test_number_of_formants_is_limited_by_the_rate():
    clip = vowel().y
    with pytest.raises(ValueError, match=r"n_formants=5 exceeds the 4 .* at sr=8000.*raise sr"):
        Formants(5, sr=8000).fit([clip])
    assert Formants(4, sr=8000).fit_transform([clip]).shape == (1, 12)
    assert Formants(5, sr=16000).fit_transform([clip]).shape == (1, 15)
