import numpy as np
import pytest
from vowels import local_perturbation_db, vowel

from skser import Shimmer


def test_steady_voice_has_none():
    assert Shimmer().fit_transform([vowel(120).y])[0, 0] < 0.05


@pytest.mark.parametrize("shimmer", [0.05, 0.1])
def test_is_that_of_the_source(shimmer, rng):
    sound = vowel(120, 3, shimmer=shimmer, bandwidths=(200, 200, 250, 300), rng=rng)
    expected = local_perturbation_db(sound.strengths)
    np.testing.assert_allclose(Shimmer().fit_transform([sound.y]), expected, rtol=0.2)
