import numpy as np
import pytest
from vowels import HOP, SR, harmonics, vowel, with_noise

from skser.analysis._harmonicity import harmonics_to_noise
from skser.analysis._long_spectra import LongSpectra
from skser.analysis._pitch import track_pitch


def measured(y):
    frames = LongSpectra(y, SR, HOP)
    return harmonics_to_noise(frames, track_pitch(frames).f0)


@pytest.mark.parametrize("snr", [0, 5, 10, 20, 30])
@pytest.mark.parametrize("f0", [70, 85, 100, 133, 200, 300, 500])
def test_is_the_ratio_of_the_vowel_to_its_noise(f0, snr, rng):
    hnr = measured(with_noise(vowel(f0, 2).y, snr, rng))[5:-5]
    assert np.nanmean(hnr) == pytest.approx(snr, abs=1.5)


@pytest.mark.parametrize("snr", [5, 20, 30])
def test_is_the_ratio_for_a_flat_source_too(snr, rng):
    hnr = measured(with_noise(vowel(110, 2, source="pulses").y, snr, rng))[5:-5]
    assert np.nanmean(hnr) == pytest.approx(snr, abs=1.5)


def test_a_steady_sound_has_hardly_any_noise():
    assert np.min(measured(0.1 * harmonics(200, [1, 1, 1]))[5:-5]) > 40


def test_rumble_is_no_noise(rng):
    y = with_noise(vowel(150).y, 20, rng)
    rumble = 0.1 * np.sin(2 * np.pi * 8 * np.arange(len(y)) / SR)
    rumbling = (y + rumble).astype(np.float32)
    assert np.nanmean(measured(rumbling)[5:-5]) == pytest.approx(20, abs=2.5)


def test_frames_without_voice_have_none(rng):
    y = np.concatenate([vowel(150, 0.5).y, 0.01 * rng.normal(size=SR // 2)]).astype(np.float32)
    frames = LongSpectra(y, SR, HOP)
    f0 = track_pitch(frames).f0
    hnr = harmonics_to_noise(frames, f0)
    np.testing.assert_array_equal(np.isnan(hnr), np.isnan(f0))
    assert hnr.dtype == np.float32
    assert np.isnan(hnr[-30:]).all()


@pytest.mark.parametrize("f0", [55, 1000])
def test_what_is_no_voice_at_all_is_limited(f0):
    frames = LongSpectra(np.zeros(SR, dtype=np.float32), SR, HOP)
    hnr = harmonics_to_noise(frames, np.full(frames.n_frames, f0, dtype=np.float32))
    np.testing.assert_allclose(hnr, -30)


@pytest.mark.parametrize("level", [1e-10, 1e12])
def test_level_does_not_matter(level, rng):
    y = with_noise(harmonics(150, [0.1] * 10), 20, rng)
    frames, scaled = LongSpectra(y, SR, HOP), LongSpectra(np.float32(level) * y, SR, HOP)
    f0 = np.full(frames.n_frames, 150, np.float32)
    np.testing.assert_allclose(
        harmonics_to_noise(scaled, f0), harmonics_to_noise(frames, f0), atol=0.01
    )
