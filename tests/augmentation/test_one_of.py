import numpy as np
import pytest

from skser import Gain, OneOf

Y = np.array([1.0], dtype=np.float32)
SR = 16000


def drawn(augment, rng):
    return [augment._draw(rng, 1, SR)[0] for _ in range(1000)]


def test_each_is_drawn_equally_often(rng):
    counts = np.bincount(drawn(OneOf([Gain(), Gain(), Gain()]), rng))
    np.testing.assert_allclose(counts / 1000, 1 / 3, atol=0.05)


def test_weights_say_how_often(rng):
    counts = np.bincount(drawn(OneOf([Gain(), Gain(), Gain()], weights=[6, 0, 2]), rng))
    np.testing.assert_allclose(counts / 1000, [0.75, 0, 0.25], atol=0.05)


@pytest.mark.parametrize(("chosen", "expected"), [(0, 10), (1, 0.1)])
def test_only_the_one_drawn_is_applied(chosen, expected):
    augment = OneOf([Gain(20), Gain(-20)])
    np.testing.assert_allclose(augment._apply(Y, SR, (chosen, 0)), expected)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1], "one number for each of the 2 augmenters"),
        ([[1, 2]], "one number for each of the 2 augmenters"),
        ([-1, 2], "at least 0, and not all 0"),
        ([0, 0], "at least 0, and not all 0"),
        ([np.nan, 1], "at least 0, and not all 0"),
        (1.0, "'weights' parameter of OneOf must be an array-like"),
    ],
    ids=str,
)
def test_weights_are_checked(weights, message):
    with pytest.raises(ValueError, match=message):
        OneOf([Gain(), Gain()], weights=weights)(Y, SR)
