import numpy as np
import pytest

from skser import Gain

Y = np.array([0.5, -0.25], dtype=np.float32)


@pytest.mark.parametrize(("decibels", "factor"), [(0, 1), (20, 10), (-20, 0.1), (-40, 0.01)])
def test_samples_are_multiplied(decibels, factor):
    np.testing.assert_allclose(Gain()._apply(Y, 16000, decibels), factor * Y, rtol=1e-6)


def test_gain_is_drawn_uniformly_from_its_range(rng):
    drawn = [Gain((-3, 9))._draw(rng, 2, 16000) for _ in range(1000)]
    np.testing.assert_allclose([min(drawn), np.mean(drawn), max(drawn)], [-3, 3, 9], atol=0.4)


def test_a_number_is_always_drawn(rng):
    assert {Gain(2)._draw(rng, 2, 16000) for _ in range(10)} == {2.0}
