import numpy as np
import pytest
from vowels import local_perturbation, vowel

from skser import Jitter


def test_steady_voice_has_none():
    assert Jitter().fit_transform([vowel(120).y])[0, 0] < 0.001


@pytest.mark.parametrize("jitter", [0.01, 0.03])
def test_is_that_of_the_source(jitter, rng):
    sound = vowel(120, 3, jitter=jitter, rng=rng)
    expected = local_perturbation(sound.periods)
    np.testing.assert_allclose(Jitter().fit_transform([sound.y]), expected, rtol=0.2)
