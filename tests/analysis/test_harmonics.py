import numpy as np
import pytest
from vowels import HOP, SR, harmonics, vowel

from skser.analysis._harmonics import formant_levels, harmonic_levels
from skser.analysis._long_spectra import LongSpectra
from skser.analysis._pitch import track_pitch


def analysed(y):
    frames = LongSpectra(y, SR, HOP)
    return frames, track_pitch(frames).f0


def steady(value, f0):
    return np.full(len(f0), value, dtype=np.float32)


@pytest.mark.parametrize("f0", [70, 83.3, 100, 133, 200, 300.7, 500, 777])
@pytest.mark.parametrize(
    "amplitudes", [[0.1, 0.1, 0.1, 0.1], [0.01, 0.1, 0.02, 0.03], [0.1, 0.01, 0.1, 0.02]]
)
def test_levels_are_those_of_the_sinusoids(f0, amplitudes, rng):
    levels = harmonic_levels(*analysed(harmonics(f0, amplitudes, 0.5, rng)), (1, 2, 3, 4))
    truth = np.broadcast_to(20 * np.log10(amplitudes), levels[4:-4].shape)
    np.testing.assert_allclose(levels[4:-4], truth, atol=1.0)


def test_level_of_a_formant_is_that_of_the_strongest_harmonic_next_to_it():
    amplitudes = np.full(20, 0.001)
    amplitudes[[12, 13]] = 0.004, 0.002
    frames, f0 = analysed(harmonics(200, amplitudes, 0.5))
    levels = formant_levels(frames, f0, steady(2700, f0)[:, np.newaxis])
    np.testing.assert_allclose(levels[4:-4], 20 * np.log10(0.004), atol=0.5)


def test_formants_of_a_vowel_stand_out():
    frames, f0 = analysed(vowel(100).y)
    places = np.tile(np.float32([500, 1000, 1500, 2000, 2500]), (len(f0), 1))
    peak1, valley1, peak2, valley2, peak3 = formant_levels(frames, f0, places)[4:-4].mean(axis=0)
    assert min(peak1, peak2) > valley1 + 5
    assert min(peak2, peak3) > valley2 + 5


def test_missing_where_there_is_no_voice_no_formant_or_no_spectrum():
    frames, f0 = analysed(vowel(200, 0.3).y)
    f0 = f0.copy()
    f0[10] = np.nan
    formants = np.tile(np.float32([500, 1500]), (len(f0), 1))
    formants[12, 1] = np.nan
    formants[14, 0] = 8500
    levels = formant_levels(frames, f0, formants)
    missing = np.isnan(levels)
    assert missing[10].all()
    assert missing[12].tolist() == [False, True]
    assert missing[14].tolist() == [True, False]
    assert np.isnan(harmonic_levels(frames, steady(500, f0), (17,))).all()


def test_silence_has_a_level_that_is_finite():
    frames = LongSpectra(np.zeros(SR, dtype=np.float32), SR, HOP)
    f0 = np.full(frames.n_frames, 100, dtype=np.float32)
    assert np.isfinite(harmonic_levels(frames, f0, (1, 2))).all()
