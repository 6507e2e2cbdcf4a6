import numpy as np
import pytest

from skser import Audio, FixDuration


@pytest.mark.parametrize("sr", [8000, 22050, 48000])
def test_every_clip_lasts_as_long_at_its_own_rate(sr):
    clips = [Audio(np.ones(n), sr) for n in (1, 10 * sr)]
    for sound in FixDuration(1.5).transform(clips):
        assert (len(sound.y), sound.sr) == (1.5 * sr, sr)


def test_pads_with_zeros_and_cuts_at_the_end():
    short, long = FixDuration(4, sr=1).transform([np.array([1.0, 2.0]), np.arange(6.0)])
    np.testing.assert_array_equal(short, [1, 2, 0, 0])
    np.testing.assert_array_equal(long, [0, 1, 2, 3])


def test_part_of_a_sample_is_a_sample():
    assert len(FixDuration(0.001).transform([np.ones(5000)])[0]) == 23


def test_at_least_one_sample_is_left():
    assert len(FixDuration(1e-9).transform([np.ones(5000)])[0]) == 1


def test_duration_must_be_positive():
    with pytest.raises(ValueError, match="'duration' parameter of FixDuration must be"):
        FixDuration(0).fit([np.ones(5)])
