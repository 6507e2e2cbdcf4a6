import os

import numpy as np
import pytest
import soundfile

from skser import AddNoise, Audio, AudioError, Segment
from skser.augmentation import _add_noise
from skser.augmentation._add_noise import cut, find_recordings

SR = 16000


def power(y):
    return np.mean(np.square(y, dtype=np.float64))


@pytest.fixture
def y(rng):
    return rng.uniform(-0.5, 0.5, size=SR).astype(np.float32)


@pytest.fixture
def folder(tmp_path, rng):
    """Two recordings of noise, one in a folder of its own, and a stray file."""
    (tmp_path / "cafe").mkdir()
    soundfile.write(tmp_path / "hum.wav", rng.normal(scale=0.1, size=3 * SR), SR)
    soundfile.write(tmp_path / "cafe" / "talk.FLAC", rng.normal(scale=0.1, size=8000), 8000)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize("snr", [-10, 0, 20])
@pytest.mark.parametrize("noise", [[2.0, -2.0], [1e-9, 0.0]], ids=["loud noise", "soft noise"])
def test_noise_lies_below_the_clip_by_the_ratio(snr, noise):
    clip = np.array([0.3, 0.4], dtype=np.float32)
    added = AddNoise()._apply(clip, SR, (np.array(noise), snr)) - clip
    np.testing.assert_allclose(power(clip) / power(added), 10 ** (snr / 10))
    np.testing.assert_allclose(added / added[0], np.array(noise) / noise[0])


def test_amplitude_is_relative_to_the_peak():
    clip = np.array([0.2, -0.8], dtype=np.float32)
    noisy = AddNoise(amplitude=0.5)._apply(clip, SR, (np.array([3.0, -3.0]), 0.5))
    np.testing.assert_allclose(noisy, [0.6, -1.2], rtol=1e-6)


def test_level_is_drawn_from_the_ratio_or_from_the_amplitude(rng):
    by_ratio = [AddNoise(snr=(5, 20))._draw(rng, 1, SR)[1] for _ in range(1000)]
    by_amplitude = [AddNoise(amplitude=(0, 0.1))._draw(rng, 1, SR)[1] for _ in range(1000)]
    np.testing.assert_allclose([min(by_ratio), max(by_ratio)], [5, 20], atol=0.2)
    np.testing.assert_allclose([min(by_amplitude), max(by_amplitude)], [0, 0.1], atol=0.002)


def test_white_noise_is_gaussian_and_has_no_memory(rng):
    noise, _ = AddNoise()._draw(rng, 100_000, SR)
    np.testing.assert_allclose([noise.mean(), noise.std()], [0, 1], atol=0.02)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.02


def test_silent_clip_stays_silent():
    assert not AddNoise()(np.zeros(100), SR).any()


def test_silent_noise_leaves_the_clip(y):
    np.testing.assert_array_equal(AddNoise(noise=[np.zeros(10)])(y, SR), y)


@pytest.mark.parametrize("kind", ["folder", "file", "path", "segment", "audio", "array"])
def test_noise_may_be_any_clip_or_a_folder(kind, folder, y, rng):
    noise = {
        "folder": str(folder),
        "file": str(folder / "hum.wav"),
        "path": folder / "hum.wav",
        "segment": [Segment(folder / "hum.wav", 0.5, 0.7)],
        "audio": (Audio(rng.normal(size=50), 8000),),
        "array": [rng.normal(size=50)],
    }[kind]
    noisy = AddNoise(10, noise, random_state=0)(y, SR)
    assert noisy.shape == y.shape
    np.testing.assert_allclose(10 * np.log10(power(y) / power(noisy - y)), 10, atol=1e-3)


def test_every_recording_of_a_folder_is_drawn(folder, rng):
    assert [f.name for f in find_recordings(folder)] == ["talk.FLAC", "hum.wav"]


def test_long_recording_is_cut_anywhere():
    recording = np.arange(3 * SR, dtype=np.float32)
    starts = [cut(recording, SR, SR, position)[0] for position in (0, 0.5, 1)]
    np.testing.assert_allclose(starts, [0, SR, 2 * SR], atol=0.05 * SR)
    np.testing.assert_array_equal(np.diff(cut(recording, SR, SR, 1)), 1)


def test_of_a_long_file_the_same_part_is_cut_as_of_the_samples(folder):
    y, _ = soundfile.read(folder / "hum.wav", dtype="float32")
    from_file, from_samples = (cut(c, SR, SR, 0.5) for c in (folder / "hum.wav", y))
    shift = np.argmax(np.correlate(from_file[10:100], from_samples[5:105], "valid")) - 5
    assert abs(shift) <= 1


def test_short_recording_is_repeated():
    np.testing.assert_array_equal(cut(np.array([1.0, 2.0]), 5, SR, 0.7), [1, 2, 1, 2, 1])


@pytest.mark.parametrize("n_samples", [1, 2, 100])
def test_tiny_part_of_a_file_at_another_rate_has_its_length(n_samples, folder):
    part = cut(folder / "cafe" / "talk.FLAC", n_samples, 48000, 0.9)
    assert part.shape == (n_samples,)
    assert part.any()


def test_folder_without_audio_is_refused(tmp_path, y):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(AudioError, match=r"noise='.*' is a folder without audio files"):
        AddNoise(noise=tmp_path)(y, SR)


def test_missing_file_is_refused(y):
    with pytest.raises(AudioError, match=r"'missing\.wav': no such file"):
        AddNoise(noise="missing.wav")(y, SR)


def test_empty_list_is_refused(y):
    with pytest.raises(AudioError, match="noise contains no clips"):
        AddNoise(noise=[])(y, SR)


@pytest.mark.parametrize(
    "parameters",
    [{"snr": (20, 5)}, {"snr": (1, 2, 3)}, {"snr": "loud"}, {"snr": (0, np.nan)}, {"snr": None}],
    ids=str,
)
def test_range_must_be_a_number_or_an_ordered_pair(parameters, y):
    with pytest.raises(ValueError, match=r"'snr' parameter of AddNoise.*with low <= high"):
        AddNoise(**parameters)(y, SR)


def test_negative_amplitude_is_refused(y):
    with pytest.raises(ValueError, match="'amplitude' parameter of AddNoise must be"):
        AddNoise(amplitude=-0.1)(y, SR)


def test_hidden_files_of_a_folder_are_no_noise(folder):
    (folder / "._hum.wav").write_bytes(b"x")
    assert [f.name for f in find_recordings(folder)] == ["talk.FLAC", "hum.wav"]


def test_a_folder_is_listed_once(folder, monkeypatch):
    find_recordings(folder)
    monkeypatch.setattr(_add_noise, "find_audio", None)
    assert len(find_recordings(folder)) == 2


@pytest.mark.parametrize("changed", ["hum.wav", "cafe/talk.FLAC"])
def test_a_folder_is_listed_again_after_a_change(folder, changed):
    find_recordings(folder)
    (folder / changed).unlink()
    os.utime((folder / changed).parent, (0, 0))
    assert len(find_recordings(folder)) == 1
