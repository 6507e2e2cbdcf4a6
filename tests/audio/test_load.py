import struct

import librosa
import numpy as np
import pytest
import soundfile

from skser import Audio, AudioError, Segment
from skser.audio._load import clip_duration, load_clip

SR = 22050


@pytest.fixture
def noise(rng):
    return rng.uniform(-0.5, 0.5, size=SR).astype(np.float32)


@pytest.fixture
def wav(noise, tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, SR, subtype="FLOAT")
    return path


def cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


@pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated")
@pytest.mark.parametrize("sr", [8000, 16000, 22050, 48000])
def test_equals_librosa(sr, speech_clips):
    for path in speech_clips[:3]:
        np.testing.assert_array_equal(load_clip(path, sr), librosa.load(path, sr=sr)[0])


@pytest.mark.parametrize(
    ("subtype", "precision"),
    [("PCM_U8", 2**-7), ("PCM_16", 2**-15), ("PCM_24", 2**-23), ("FLOAT", 0), ("DOUBLE", 0)],
)
def test_sample_formats(subtype, precision, noise, tmp_path):
    soundfile.write(tmp_path / "a.wav", noise, SR, subtype=subtype)
    np.testing.assert_allclose(
        load_clip(tmp_path / "a.wav", SR), noise, rtol=0, atol=precision + 1e-9
    )


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "aiff", "au", "caf"])
def test_file_formats(extension, noise, tmp_path):
    path = tmp_path / f"a.{extension}"
    soundfile.write(path, noise, SR)
    y = load_clip(path, SR)
    assert y.dtype == np.float32
    assert y.shape == noise.shape


@pytest.mark.parametrize("own_sr", [8000, 96000])
def test_other_sample_rates_are_resampled(own_sr, tmp_path):
    soundfile.write(
        tmp_path / "a.wav", np.sin(np.arange(own_sr) * 2 * np.pi * 440 / own_sr), own_sr
    )
    y = load_clip(tmp_path / "a.wav", SR)
    assert len(y) == SR
    expected = np.sin(np.arange(SR) * 2 * np.pi * 440 / SR)
    np.testing.assert_allclose(y[2000:-2000], expected[2000:-2000], atol=1e-3)


@pytest.mark.parametrize("own_sr", [7999.5, 11025, 16000, 44100, 96000])
@pytest.mark.parametrize("n_samples", [1, 2, 3, 10, 1023, 4001])
def test_resampled_clips_are_librosas_to_the_bit(own_sr, n_samples, rng):
    y = rng.normal(scale=0.1, size=n_samples).astype(np.float32)
    expected = librosa.resample(y, orig_sr=own_sr, target_sr=SR, res_type="soxr_hq")
    np.testing.assert_array_equal(load_clip(Audio(y, own_sr), SR), expected)


def test_channels_of_a_file_are_averaged(noise, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack([noise, -noise], axis=1), SR, subtype="FLOAT")
    assert not load_clip(tmp_path / "a.wav", SR).any()


def test_paths_may_be_unicode(noise, tmp_path):
    path = tmp_path / "éмоция 感情.wav"
    soundfile.write(path, noise, SR, subtype="FLOAT")
    np.testing.assert_array_equal(load_clip(path, SR), noise)


def test_wav_written_to_a_pipe_is_read(wav, noise):
    content = bytearray(wav.read_bytes())
    unknown = struct.pack("<I", 0xFFFFFFFF)
    content[4:8] = unknown
    size = content.index(b"data") + 4
    content[size : size + 4] = unknown
    wav.write_bytes(content)
    np.testing.assert_array_equal(load_clip(wav, SR), noise)


@pytest.mark.parametrize(
    ("dtype", "offset", "scale"),
    [("int16", 0, 2**15), ("int32", 0, 2**31), ("uint8", 128, 128)],
)
def test_integer_samples_equal_their_float_version(dtype, offset, scale, rng):
    info = np.iinfo(dtype)
    y = rng.integers(info.min, info.max, size=1000, dtype=dtype, endpoint=True)
    floats = ((y.astype(float) - offset) / scale).astype(np.float32)
    np.testing.assert_array_equal(load_clip(Audio(y, SR), SR), floats)


def test_own_samples_are_not_changed(rng):
    y = rng.normal(size=(2, 1000))
    before = y.copy()
    load_clip(Audio(y, 48000), SR)
    np.testing.assert_array_equal(y, before)


def test_only_the_segment_is_returned(wav, noise):
    y = load_clip(Segment(wav, 100 / SR, 300 / SR), SR)
    np.testing.assert_array_equal(y, noise[100:300])


def test_segment_may_end_a_sample_late(wav, noise):
    y = load_clip(Segment(wav, 0, 1 + 0.9 / SR), SR)
    np.testing.assert_array_equal(y, noise)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0, 2, r"ends after the file, which lasts 1 s\. Correct the segment's times \(seconds"),
        (1.5, 2, "ends after the file"),
        (0.5, 0.2, "must satisfy 0 <= start < end"),
        (0.5, 0.5, "must satisfy 0 <= start < end"),
        (-1, 0.5, "must satisfy 0 <= start < end"),
        (np.nan, 0.5, "must satisfy 0 <= start < end"),
        (0, np.nan, "must satisfy 0 <= start < end"),
        (0, np.inf, "ends after the file"),
        (0.5, 0.500001, "0 samples at 22050 Hz. Make the segment longer"),
        ("0", 1, r"start and end must be numbers \(seconds\)"),
        (0, None, r"start and end must be numbers \(seconds\)"),
    ],
)
def test_segments_that_are_none_are_refused(wav, start, end, message):
    with pytest.raises(AudioError, match=rf"X\[7\] '.*noise\.wav' from .* s: .*{message}"):
        load_clip(Segment(wav, start, end), SR, index=7)


def missing(folder):
    return folder / "missing.wav"


def empty(folder):
    (folder / "empty.wav").touch()
    return folder / "empty.wav"


def text(folder):
    (folder / "text.wav").write_text("Kids are talking by the door")
    return folder / "text.wav"


def no_samples(folder):
    soundfile.write(folder / "none.wav", np.zeros(0), SR)
    return folder / "none.wav"


def not_finite(folder):
    soundfile.write(folder / "nan.wav", np.array([0.1, np.nan]), SR, subtype="FLOAT")
    return folder / "nan.wav"


def truncated(extension, share):
    def write(folder):
        path = folder / f"truncated.{extension}"
        soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, SR), SR)
        return cut(path, share)

    return write


@pytest.mark.parametrize(
    ("bad_file", "message"),
    [
        (missing, r"no such file\. Check the path \(now in '"),
        (lambda folder: folder, r"a directory\. Pass the paths of the files in it"),
        (empty, r"empty file \(0 bytes\)\. Remove it"),
        (text, "libsndfile cannot read it"),
        (no_samples, r"empty file \(0 samples\)\. Remove it"),
        (not_finite, "the samples contain NaN, infinity"),
        (truncated("wav", 0.5), "truncated"),
        (truncated("wav", 0.0005), "libsndfile cannot read it"),
        (truncated("flac", 0.5), "truncated"),
        (truncated("aiff", 0.5), "truncated"),
    ],
    ids=[
        "missing", "directory", "empty", "text", "no samples", "not finite",
        "half a wav", "part of a header", "half a flac", "half an aiff",
    ],
)  # fmt: skip
def test_bad_files_are_refused(bad_file, message, tmp_path):
    path = bad_file(tmp_path)
    with pytest.raises(AudioError, match=rf"X\[17\] '{path}': .*{message}"):
        load_clip(str(path), SR, index=17)


def test_damaged_flac_is_refused(noise, tmp_path):
    path = tmp_path / "damaged.flac"
    soundfile.write(path, noise, SR)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"damaged|truncated"):
        load_clip(path, SR)


def test_duration_of_every_kind_of_clip(wav):
    clips = [wav, Segment(wav, 0.25, 0.75), Audio(np.zeros((2, 800)), 8000), np.zeros(SR)]
    assert [clip_duration(clip, SR) for clip in clips] == pytest.approx([1, 0.5, 0.1, 1], rel=1e-3)


def test_duration_of_a_segment_outside_the_file_is_refused(wav):
    with pytest.raises(AudioError, match="ends after the file"):
        clip_duration(Segment(wav, 0, 2500), SR)
