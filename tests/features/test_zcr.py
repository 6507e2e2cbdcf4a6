import numpy as np
import pytest

from skser import ZCR


def test_alternating_signal_crosses_at_every_pair_of_neighbours():
    y = np.tile([1.0, -1.0], 10000)
    assert ZCR(pooling="median").fit_transform([y])[0, 0] == np.float32(2047 / 2048)


@pytest.mark.parametrize("y", [np.zeros(5000), np.full(5000, 0.1), np.full(5000, -1e-11)])
def test_signal_of_one_sign_never_crosses(y):
    assert ZCR(pooling="max").fit_transform([y])[0, 0] == 0


def test_does_not_depend_on_gain(rng):
    y = rng.normal(scale=0.1, size=22050)
    assert ZCR().fit_transform([8 * y]) == ZCR().fit_transform([y])
