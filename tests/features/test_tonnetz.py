import numpy as np
import pytest

from skser import Tonnetz

TIME = np.arange(22050) / 22050


def test_silence_is_at_the_origin():
    assert not Tonnetz().fit_transform([np.zeros(5000)]).any()


@pytest.mark.parametrize(("frequency", "pitch_class"), [(440, 9), (261.63, 0)])
def test_tone_lies_in_the_direction_of_its_pitch_class(frequency, pitch_class):
    # Angle on the circles of fifths, minor thirds, major thirds: 7/6, 3/2, 2/3 pi a semitone.
    x_fifths, y_fifths, x_minor, y_minor, x_major, y_major = Tonnetz(
        pooling="median"
    ).fit_transform([np.sin(2 * np.pi * frequency * TIME)])[0]
    angles = np.arctan2([x_fifths, x_minor, x_major], [y_fifths, y_minor, y_major])
    expected = np.pi * pitch_class * np.array([7 / 6, 3 / 2, 2 / 3])
    np.testing.assert_allclose(np.cos(angles - expected), 1, atol=0.05)


def test_lies_within_circles_of_radius_1_1_and_one_half(rng):
    pairs = Tonnetz(pooling=None).fit_transform([rng.normal(size=22050)]).reshape(3, 2, -1)
    assert (np.hypot(pairs[:, 0], pairs[:, 1]) <= np.array([[1], [1], [0.5]])).all()


def test_sample_rate_too_low_for_seven_octaves_is_refused():
    with pytest.raises(ValueError, match=r"Tonnetz needs .* sr / 2 = 4000 Hz\. Use sr=11025 or"):
        Tonnetz(sr=8000).fit([np.ones(5000)])


def test_sample_rate_named_in_the_message_suffices(rng):
    assert np.isfinite(Tonnetz(sr=11025).fit_transform([rng.normal(size=5000)])).all()
