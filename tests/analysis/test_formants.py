import numpy as np
import pytest
from formant_vowels import SR, VOWELS, vowel

from skser.analysis._formants import formants, joined, predictors
from skser.analysis._speech_spectrum import SpeechFrames, power_blocks

NATURAL, FLAT = -6.0, 0.0


def spectrum(y, frames):
    return np.concatenate([block for _, block in power_blocks(np.asarray(y, np.float32), frames)])


def tracks(y, f0=None, sr=SR):
    frames = SpeechFrames(sr=sr)
    power = spectrum(y, frames)
    if f0 is not None:
        f0 = np.full(len(power), f0, np.float32)
    return formants(predictors(power, frames.frequencies, f0))


def median_frequencies(y, f0=None, sr=SR):
    return np.nanmedian(tracks(y, f0, sr).frequency, axis=1)


@pytest.mark.parametrize("name", VOWELS)
@pytest.mark.parametrize("f0", [70, 85, 100])
@pytest.mark.parametrize("tilt", [NATURAL, FLAT])
def test_formants_of_vowels(name, f0, tilt):
    found = median_frequencies(vowel(f0, VOWELS[name], tilt=tilt), f0)
    np.testing.assert_allclose(found, VOWELS[name], rtol=0.05)


@pytest.mark.parametrize("name", ["neutral", "a", "e"])
@pytest.mark.parametrize("f0", [120, 150, 200, 250])
@pytest.mark.parametrize("tilt", [NATURAL, FLAT])
def test_formants_of_higher_voices(name, f0, tilt):
    # Fewer harmonics say less about where between them a formant lies.
    found = median_frequencies(vowel(f0, VOWELS[name], tilt=tilt), f0)
    np.testing.assert_allclose(found, VOWELS[name], rtol=0.07)


@pytest.mark.parametrize("f0", [100, 120, 150, 200])
@pytest.mark.parametrize("tilt", [NATURAL, FLAT])
@pytest.mark.parametrize("upper", [(), (3500.0, 4500.0, 5500.0)])
def test_a_uniform_tube_resonates_at_500_1500_and_2500_hz(f0, tilt, upper):
    y = vowel(f0, (500, 1500, 2500), tilt=tilt, upper=upper)
    np.testing.assert_allclose(median_frequencies(y, f0), (500, 1500, 2500), rtol=0.05)


@pytest.mark.parametrize("f0", [70, 100, 150])
@pytest.mark.parametrize("tilt", [NATURAL, FLAT])
def test_formants_without_a_known_f0(f0, tilt):
    y = vowel(f0, (500, 1500, 2500), tilt=tilt)
    np.testing.assert_allclose(median_frequencies(y), (500, 1500, 2500), rtol=0.05)


def test_bandwidths_of_a_flat_source():
    y = vowel(100, (500, 1500, 2500), bandwidths=(80, 120, 160), tilt=FLAT)
    bandwidths = np.nanmedian(tracks(y, 100).bandwidth, axis=1)
    np.testing.assert_allclose(bandwidths, (80, 120, 160), rtol=0.4)


@pytest.mark.parametrize("sr", [8000, 11025, 22050, 48000])
def test_any_rate(sr):
    y = vowel(110, VOWELS["e"], sr=sr, upper=(3500.0,))
    np.testing.assert_allclose(median_frequencies(y, 110, sr), VOWELS["e"], rtol=0.07)


def test_unvoiced_frames_have_no_formants():
    frames = SpeechFrames()
    power = spectrum(vowel(110, VOWELS["a"]), frames)
    f0 = np.full(len(power), 110, np.float32)
    f0[10:20] = np.nan
    found = formants(predictors(power, frames.frequencies, f0))
    assert np.isnan(found.frequency[:, 10:20]).all()
    assert np.isnan(found.bandwidth[:, 10:20]).all()
    assert not np.isnan(found.frequency[:, 20:]).any()


def test_formants_follow_a_change():
    y = np.concatenate([vowel(110, VOWELS["a"], seconds=0.5), vowel(110, VOWELS["i"], seconds=0.5)])
    frequency = tracks(y, 110).frequency
    np.testing.assert_allclose(np.median(frequency[:, 5:45], axis=1), VOWELS["a"], rtol=0.05)
    np.testing.assert_allclose(np.median(frequency[:, 55:95], axis=1), VOWELS["i"], rtol=0.07)


@pytest.mark.parametrize("f0", [None, 120.0])
@pytest.mark.parametrize(
    "y",
    [
        np.zeros(4000),
        np.full(4000, 0.5),
        np.sin(2 * np.pi * 10 * np.arange(4000) / SR),
        np.sign(np.sin(2 * np.pi * 120 * np.arange(4000) / SR)),
        np.random.default_rng(0).normal(size=4000),
        32768.0 * np.sign(np.random.default_rng(1).normal(size=4000)),
        np.eye(1, 4000, 2000)[0],
        np.full(4000, 1e-20),
        np.ones(1),
    ],
    ids=["zeros", "dc", "hum", "clipped", "noise", "extremes", "click", "tiny", "one sample"],
)
def test_odd_sounds_have_formants_in_range_or_none(y, f0):
    found = tracks(y, f0)
    assert found.frequency.shape == (3, 1 + len(y) // 160)
    known = ~np.isnan(found.frequency)
    np.testing.assert_array_equal(known, ~np.isnan(found.bandwidth))
    assert ((found.frequency[known] > 90) & (found.frequency[known] < 5000)).all()


def test_silence_has_no_formants():
    assert np.isnan(tracks(np.zeros(4000)).frequency).all()


def test_no_frame_is_voiced():
    assert np.isnan(tracks(vowel(110, VOWELS["a"]), np.nan).frequency).all()


def test_blocks_of_frames_give_the_same_tracks():
    frames = SpeechFrames()
    power = spectrum(vowel(110, VOWELS["o"]), frames)
    f0 = np.full(len(power), 110, np.float32)
    whole = formants(predictors(power, frames.frequencies, f0))
    parts = [
        predictors(power[i : i + 7], frames.frequencies, f0[i : i + 7])
        for i in range(0, len(power), 7)
    ]
    np.testing.assert_allclose(formants(joined(parts)).frequency, whole.frequency, rtol=1e-3)
