import numpy as np
import pytest

from skser.analysis._patches import Patches

SR = 16000


@pytest.fixture
def tones():
    """Two tones, one in each half of the spectrum, over a second; a pause of another follows."""
    t = np.arange(SR) / SR
    pause = np.zeros(SR)
    low, high = np.sin(2 * np.pi * 1000 * t), np.sin(2 * np.pi * 5000 * t)
    return [np.append(0.3 * tone, pause).astype(np.float32) for tone in (low, high)]


def test_without_everything_there_is_what_is_heard_in_pauses(tones):
    patches = Patches(sum(tones), SR)
    silence = patches.without(patches.times >= 0, patches.frequencies >= 0)
    np.testing.assert_allclose(silence, 0, atol=1e-6)


def test_without_a_band_the_other_stays(tones):
    low, high = tones
    patches = Patches(low + high, SR)
    left = patches.without(patches.times >= 0, patches.frequencies >= 3000)
    np.testing.assert_allclose(left[1000:15000], low[1000:15000], atol=1e-3)


def test_without_a_stretch_of_time_the_rest_stays_to_the_bit(tones):
    y = sum(tones)
    patches = Patches(y, SR)
    inside = (patches.times >= 0.4) & (patches.times < 0.6)
    left = patches.without(inside, patches.frequencies >= 0)
    reach = round(0.05 * SR)
    np.testing.assert_array_equal(left[: 6400 - reach], y[: 6400 - reach])
    np.testing.assert_array_equal(left[9600 + reach :], y[9600 + reach :])
    np.testing.assert_allclose(left[6400 + reach : 9600 - reach], 0, atol=1e-6)


@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000])
def test_frames_last_about_40_ms_at_any_rate(sr):
    patches = Patches(np.ones(sr, np.float32), sr)
    assert 0.028 < 1 / patches.frequencies[1] < 0.057


def test_what_is_no_louder_than_the_background_stays():
    y = np.full(SR, 0.5, np.float32)
    patches = Patches(y, SR)
    left = patches.without(patches.times >= 0, patches.frequencies >= 0)
    np.testing.assert_allclose(left[1000:-1000], y[1000:-1000], atol=1e-3)


def test_a_clip_of_one_sample_is_taken():
    patches = Patches(np.ones(1, np.float32), SR)
    assert np.isfinite(patches.without(patches.times >= 0, patches.frequencies >= 0)).all()
