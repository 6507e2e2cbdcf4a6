import numpy as np
import pytest
from vowels import harmonics, vowel

from skser import Pitch

SAWTOOTH = 1 / np.arange(1, 21)


@pytest.mark.parametrize("f0", [80, 150, 400])
def test_is_the_fundamental_frequency(f0):
    np.testing.assert_allclose(Pitch().fit_transform([vowel(f0).y]), f0, rtol=0.01)


def test_an_octave_has_twelve_semitones():
    clips = [harmonics(f0, SAWTOOTH) for f0 in (110, 220)]
    low, high = Pitch("semitone").fit_transform(clips)[:, 0]
    assert low == pytest.approx(24, abs=0.05)
    assert high - low == pytest.approx(12, abs=0.05)


def test_silence_between_voices_does_not_count():
    y = vowel(150, 0.5).y
    clip = np.concatenate([y, np.zeros(8000), y])
    np.testing.assert_allclose(Pitch().fit_transform([clip]), 150, rtol=0.01)


def test_voicing_is_a_second_coefficient_of_every_frame():
    clip = np.concatenate([vowel(120).y, np.zeros(16000, np.float32)])
    pitch = Pitch(voicing=True).fit([clip])
    assert pitch.get_feature_names_out().tolist() == ["pitch_mean", "pitch_voicing_mean"]
    f0, voicing = pitch.transform([clip])[0]
    assert f0 == pytest.approx(120, rel=0.01)
    assert voicing == pytest.approx(0.5, abs=0.05)


def test_glide_has_its_slope_per_frame():
    clip = harmonics(lambda time: 120 + 40 * time, SAWTOOTH)
    assert Pitch(pooling="slope").fit_transform([clip])[0, 0] == pytest.approx(0.4, rel=0.02)


def test_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="'unit' parameter of Pitch must be a str among"):
        Pitch("bark").fit([vowel().y])
