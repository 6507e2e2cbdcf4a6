import numpy as np
import pytest

from skser import Chroma

TIME = np.arange(22050) / 22050


@pytest.mark.parametrize(
    ("frequency", "pitch_class"), [(440, 9), (880, 9), (261.63, 0), (1046.5, 0), (329.63, 4)]
)
def test_largest_value_is_at_the_pitch_class_of_a_tone(frequency, pitch_class):
    chroma = Chroma().fit_transform([np.sin(2 * np.pi * frequency * TIME)])[0]
    assert chroma.argmax() == pitch_class


def test_every_frame_is_divided_by_its_largest_value(rng):
    largest = Chroma(pooling=lambda frames: frames.max(axis=0)).fit_transform(
        [rng.normal(scale=0.1, size=5000)]
    )
    np.testing.assert_allclose(largest, 1)


def test_silence_is_zero():
    assert not Chroma().fit_transform([np.zeros(5000)]).any()


def test_quarter_tones_have_24_classes():
    chroma = Chroma(24).fit_transform([np.sin(2 * np.pi * 440 * TIME)])[0]
    assert chroma.shape == (24,)
    assert chroma.argmax() == 18
