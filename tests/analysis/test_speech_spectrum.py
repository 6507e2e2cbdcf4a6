import numpy as np
import pytest

from skser.analysis._speech_spectrum import SpeechFrames, power_blocks


def power(y, frames):
    return np.concatenate([block for _, block in power_blocks(y, frames)])


def test_frames_of_speech_are_20_ms_long_and_10_ms_apart():
    frames = SpeechFrames()
    assert (frames.frame_length, frames.hop_length, frames.n_fft) == (320, 160, 512)
    assert frames.frequencies[1] == 31.25


@pytest.mark.parametrize("n_samples", [1, 159, 160, 1000, 20000])
def test_frames_are_centred(n_samples):
    y = np.zeros(n_samples, dtype=np.float32)
    y[-1] = 1
    spectrum = power(y, SpeechFrames())
    assert spectrum.shape == (1 + n_samples // 160, 257)
    # The frame whose middle is nearest to the impulse sees most of it.
    assert spectrum[:, 10].argmax() == min(round((n_samples - 1) / 160), n_samples // 160)


def test_power_is_that_of_the_windowed_samples(rng):
    y = rng.normal(size=3200).astype(np.float32)
    window = np.hamming(321)[:-1]
    expected = np.abs(np.fft.rfft(y[1600 - 160 : 1600 + 160] * window, 512)) ** 2
    np.testing.assert_allclose(power(y, SpeechFrames())[10], expected, rtol=1e-4)


def test_a_rate_without_room_for_formants_is_refused():
    with pytest.raises(ValueError, match=r"sr=6000 Hz is too low.*at least 8000 Hz"):
        SpeechFrames(sr=6000)
