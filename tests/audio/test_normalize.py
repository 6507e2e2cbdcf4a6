import numpy as np
import pytest

from skser import Audio, Normalize


@pytest.mark.parametrize(
    ("measure", "of"),
    [("peak", lambda y: np.abs(y).max()), ("rms", lambda y: np.sqrt(np.mean(y**2)))],
)
@pytest.mark.parametrize("level", [0, -20])
@pytest.mark.parametrize("gain", [1e-6, 1, 1e6])
def test_clip_is_brought_to_the_level(measure, of, level, gain, rng):
    y = Normalize(measure, level).transform([gain * rng.normal(size=1000)])[0]
    np.testing.assert_allclose(20 * np.log10(of(y)), level, atol=1e-5)


@pytest.mark.parametrize("measure", ["peak", "rms"])
def test_silent_clip_stays_silent(measure):
    assert not Normalize(measure).transform([np.zeros(100)])[0].any()


def test_each_clip_has_its_own_factor():
    loud, soft = Normalize().transform([np.array([4.0, -2.0]), np.array([0.1, -0.2])])
    np.testing.assert_array_equal(loud, [1, -0.5])
    np.testing.assert_array_equal(soft, [0.5, -1])


def test_sample_rate_stays():
    assert Normalize().transform([Audio(np.ones(5), 16000)])[0].sr == 16000
