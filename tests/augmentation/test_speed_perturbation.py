import numpy as np
import pytest
from scipy.signal import periodogram

from skser import SpeedPerturbation

SR = 16000


def tone(frequency, n_samples=SR):
    return np.sin(2 * np.pi * frequency / SR * np.arange(n_samples)).astype(np.float32)


@pytest.mark.parametrize("rate", [0.5, 0.9, 1.1, 2])
def test_tempo_and_pitch_change_together(rate):
    played = SpeedPerturbation(rate)(tone(1000), SR)
    assert len(played) == round(SR / rate)
    frequencies, power = periodogram(played, SR)
    assert frequencies[power.argmax()] == pytest.approx(1000 * rate, abs=SR / len(played))


def test_what_was_silence_or_a_level_stays_so():
    assert not SpeedPerturbation(1.1)(np.zeros(SR), SR).any()
    assert np.std(SpeedPerturbation(1.1)(tone(500), SR)) == pytest.approx(np.sqrt(0.5), rel=0.01)


@pytest.mark.parametrize("n_samples", [1, 2, 3])
def test_the_shortest_clip_keeps_a_sample(n_samples):
    assert len(SpeedPerturbation(10)(tone(100, n_samples), SR)) == 1


def test_rate_is_drawn_from_its_range(rng):
    drawn = [SpeedPerturbation((0.9, 1.1))._draw(rng, 1000, SR) for _ in range(1000)]
    assert 0.9 <= min(drawn) < 0.91
    assert 1.09 < max(drawn) <= 1.1
