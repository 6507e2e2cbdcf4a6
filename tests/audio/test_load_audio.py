import librosa
import numpy as np
import pytest

from skser import RMS, Audio, LoadAudio


@pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated")
@pytest.mark.parametrize("sr", [None, 16000])
def test_equals_librosa(sr, speech_clips):
    for path, sound in zip(
        speech_clips[:3], LoadAudio(sr).transform(speech_clips[:3]), strict=True
    ):
        y, own_sr = librosa.load(path, sr=sr)
        np.testing.assert_array_equal(sound.y, y)
        assert sound.sr == own_sr


def test_decoding_before_changes_no_feature(speech_clips):
    paths = speech_clips[:3]
    np.testing.assert_array_equal(
        RMS().fit_transform(LoadAudio(22050).transform(paths)), RMS().fit_transform(paths)
    )


def test_arrays_are_taken_to_be_at_the_sample_rate(rng):
    y = rng.normal(size=1000).astype(np.float32)
    np.testing.assert_array_equal(LoadAudio(8000).transform([y])[0], y)


def test_audio_is_resampled():
    sound = LoadAudio(8000).transform([Audio(np.zeros(1600), 16000)])[0]
    assert (len(sound.y), sound.sr) == (800, 8000)
