import librosa
import numpy as np
import pytest

from skser import PitchShift, TimeStretch
from skser.analysis._phase_vocoder import shift_pitch, stretch

SR = 22050


def tone(frequency, n_samples=SR):
    return (0.3 * np.sin(2 * np.pi * frequency * np.arange(n_samples) / SR)).astype(np.float32)


def peak_frequency(y):
    return np.argmax(np.abs(np.fft.rfft(y))) * SR / len(y)


@pytest.fixture(params=["tone", "noise", "odd length"])
def y(request, rng):
    match request.param:
        case "tone":
            return tone(440)
        case "noise":
            return rng.normal(scale=0.1, size=SR).astype(np.float32)
    return tone(300, 12345) + tone(1234, 12345)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_stretch_equals_librosas(y, rate):
    expected = librosa.effects.time_stretch(y.astype(np.float64), rate=rate)
    np.testing.assert_allclose(stretch(y, rate), expected, atol=2e-4)


@pytest.mark.parametrize("n_steps", [-12, -1.5, 0, 4])
def test_shift_equals_librosas(y, n_steps):
    expected = librosa.effects.pitch_shift(y.astype(np.float64), sr=SR, n_steps=n_steps)
    np.testing.assert_allclose(shift_pitch(y, n_steps), expected, atol=2e-4)


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretch_changes_duration_and_keeps_pitch(rate):
    y = TimeStretch()._apply(tone(441), SR, rate)
    assert len(y) == round(SR / rate)
    np.testing.assert_allclose(peak_frequency(y), 441, atol=2)


@pytest.mark.parametrize(("n_steps", "frequency"), [(12, 882), (-12, 220.5), (7, 660.75)])
def test_shift_changes_pitch_and_keeps_duration(n_steps, frequency):
    y = PitchShift()._apply(tone(441), SR, n_steps)
    assert len(y) == SR
    np.testing.assert_allclose(peak_frequency(y), frequency, atol=3)


def test_neither_changes_anything_at_their_neutral_value():
    y = tone(440)
    np.testing.assert_allclose(stretch(y, 1.0), y, atol=1e-5)
    np.testing.assert_allclose(shift_pitch(y, 0)[500:-500], y[500:-500], atol=1e-4)


@pytest.mark.parametrize("n_samples", [1, 2, 100, 513, 2048])
@pytest.mark.parametrize("rate", [0.5, 1.25, 4.0])
def test_short_clips_keep_sound(n_samples, rate):
    y = np.full(n_samples, 0.3, dtype=np.float32)
    stretched = stretch(y, rate)
    assert len(stretched) == max(1, round(n_samples / rate))
    assert stretched.any()
    shifted = shift_pitch(y, 3)
    assert len(shifted) == n_samples
    assert shifted.any()


@pytest.mark.parametrize(
    "augment", [TimeStretch(0), TimeStretch((1.2, 0.8)), TimeStretch(-1)], ids=repr
)
def test_rate_must_be_positive_and_in_order(augment):
    with pytest.raises(ValueError, match="'rate' parameter of TimeStretch must be"):
        augment(tone(440), SR)


def test_steps_stay_within_two_octaves():
    with pytest.raises(ValueError, match="'n_steps' parameter of PitchShift must be"):
        PitchShift((-30, 0))(tone(440), SR)
