import librosa
import numpy as np
import pytest
import scipy.fft

from skser.analysis import _loudness
from skser.analysis._speech_spectrum import SpeechFrames, power_blocks

SR = 16000


def loudness_of(y):
    frames = SpeechFrames()
    blocks = [_loudness.band_powers(block, SR) for _, block in power_blocks(y, frames)]
    auditory = _loudness.auditory_spectrum(np.concatenate(blocks), SR, frames.n_fft)
    return _loudness.loudness(auditory)


def tone(frequency, amplitude):
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(4800) / SR)).astype(np.float32)


def test_silence_is_not_loud():
    np.testing.assert_array_equal(loudness_of(np.zeros(1600, np.float32)), 0)


def test_loudness_grows_with_the_power_to_0_33():
    soft, loud = (loudness_of(tone(1000, a))[15] for a in (0.05, 0.5))
    assert loud / soft == pytest.approx(100**0.33, rel=1e-4)


def test_ear_is_most_sensitive_between_2_and_5_khz():
    low, middle, high = (loudness_of(tone(f, 0.1))[15] for f in (100, 3500, 7500))
    assert middle > high > low


def test_equal_loudness_at_1_krad_per_second_by_hand():
    # w = 1000: (1e6 + 56.8e6) 1e12 / ((7.3e6)^2 * 0.381e9), and 1 / (1 + 1e18 / 9.58e26).
    weight = _loudness.equal_loudness(np.array([1000 / (2 * np.pi)]))[0]
    assert weight == pytest.approx(57.8e18 / (53.29e12 * 0.381e9))


def test_bands_reach_each_others_peak():
    flat = _loudness.band_powers(np.ones((1, 8193), np.float32), SR)[0]
    # A triangle's area is half its width; in mel all widths are equal.
    edges = librosa.mel_frequencies(28, fmin=20, fmax=8000, htk=True)
    areas = (edges[2:] - edges[:-2]) / 2 / (SR / 16384)
    np.testing.assert_allclose(flat[1:], areas[1:], rtol=0.05)


def test_bands_leave_out_what_cannot_be_told_from_an_offset():
    power = np.ones((1, 257), np.float32)
    power[:, :2] = 1e6  # 0 and 31 Hz
    np.testing.assert_array_equal(
        _loudness.band_powers(power, SR), _loudness.band_powers(np.minimum(power, 1), SR)
    )


@pytest.mark.parametrize("sr", [8000, 16000, 48000])
def test_every_rate_has_26_bands(sr):
    frames = SpeechFrames(sr=sr)
    bands = _loudness.band_powers(np.ones((2, len(frames.frequencies)), np.float32), sr)
    assert bands.shape == (2, 26)
    assert (bands > 0).all()


def test_mfcc_is_the_liftered_dct_of_the_log_bands(rng):
    bands = rng.random((5, 26), dtype=np.float32) + 0.1
    cepstrum = scipy.fft.dct(np.log(bands.astype(float)), norm="ortho")[:, 1:5]
    lifter = 1 + 11 * np.sin(np.pi * np.arange(1, 5) / 22)
    np.testing.assert_allclose(_loudness.mfcc(bands), cepstrum * lifter, rtol=1e-4, atol=1e-5)


def test_mfcc_without_lifter_equals_librosa(rng):
    bands = rng.random((5, 26), dtype=np.float32) + 0.1
    expected = librosa.feature.mfcc(S=np.log(bands.T), n_mfcc=5, htk=True)[1:].T
    np.testing.assert_allclose(_loudness.mfcc(bands, lifter=0), expected, rtol=1e-4, atol=1e-5)


def test_mfcc_of_silence_is_zero():
    values = _loudness.mfcc(np.zeros((3, 26), np.float32))
    np.testing.assert_allclose(values, 0, atol=1e-4)


def test_level_leaves_mfcc_alone(rng):
    bands = rng.random((5, 26), dtype=np.float32) + 0.1
    np.testing.assert_allclose(_loudness.mfcc(100 * bands), _loudness.mfcc(bands), atol=1e-4)
