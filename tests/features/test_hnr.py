import pytest
from vowels import harmonics, with_noise

from skser import HNR


@pytest.mark.parametrize("snr", [5, 10, 20])
def test_is_the_level_of_the_voice_over_that_of_the_noise(snr, rng):
    clip = with_noise(harmonics(125, [0.1] * 20, 3), snr, rng)
    assert HNR(pooling="median").fit_transform([clip])[0, 0] == pytest.approx(snr, abs=1.5)
