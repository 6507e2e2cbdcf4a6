import numpy as np
import pytest

from skser.analysis._level import equivalent_level


def test_sine_at_full_scale_is_3_db_below_it(quarter_rate_cosine):
    y = quarter_rate_cosine.astype(np.float32)
    assert equivalent_level(y) == pytest.approx(10 * np.log10(0.5))


def test_a_tenth_of_the_amplitude_is_20_db_less(rng):
    y = rng.normal(size=200000).astype(np.float32)
    assert equivalent_level(y) - equivalent_level(y / 10) == pytest.approx(20, abs=1e-4)


@pytest.mark.parametrize("n_samples", [0, 1, 70000])
def test_silence_is_at_the_floor(n_samples):
    assert equivalent_level(np.zeros(n_samples, np.float32)) == pytest.approx(-140)
