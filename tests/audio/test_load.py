import os
import struct
import sys

import librosa
import numpy as np
import pytest
import soundfile

from skser import Audio, AudioError, Segment
from skser.audio import _load
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
        (0, "1", r"start and end must be numbers \(seconds\)"),
    ],
)
def test_segments_that_are_none_are_refused(wav, start, end, message):
    with pytest.raises(AudioError, match=rf"X\[7\] '.*noise\.wav' from .* s: .*{message}"):
        load_clip(Segment(wav, start, end), SR, index=7)


def test_a_segment_that_begins_after_the_file_is_refused(wav):
    with pytest.raises(AudioError, match=r"noise\.wav' from 2 to its end: start and end must"):
        load_clip(Segment(wav, 2), SR)


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
        y = np.random.default_rng(0).uniform(-0.5, 0.5, SR)
        soundfile.write(path, y, SR, format=extension.upper())
        return cut(path, share)

    return write


@pytest.mark.parametrize(
    ("bad_file", "message"),
    [
        (missing, r"no such file\. Check the path \(the current folder is '"),
        (lambda folder: folder, r"a directory\. Pass the paths of the files in it"),
        (empty, r"the file is empty \(0 bytes\)\. Remove it"),
        (text, "libsndfile cannot read it"),
        (no_samples, r"the file is empty \(0 samples\)\. Remove it"),
        (not_finite, "the samples contain NaN, infinity"),
        (truncated("wav", 0.5), "truncated"),
        (truncated("wav", 0.0005), "libsndfile cannot read it"),
        (truncated("flac", 0.5), "truncated"),
        (truncated("aiff", 0.5), "truncated"),
        (truncated("ogg", 0.5), r"truncated: the last Ogg page is incomplete\. Copy"),
        (truncated("mp3", 0.5), "truncated"),
        (truncated("w64", 0.9999), "truncated"),
        (truncated("rf64", 0.9999), r"truncated\. Its header declares 22050 frames"),
        (truncated("nist", 0.5), r"truncated\. Its header declares 22050 frames"),
        (truncated("avr", 0.5), r"truncated\. Its header declares 22050 frames"),
        (truncated("svx", 0.5), r"truncated\. Its header declares 44100 bytes"),
    ],
    ids=[
        "missing", "directory", "empty", "text", "no samples", "not finite",
        "half a wav", "part of a header", "half a flac", "half an aiff", "half an ogg",
        "half an mp3", "most of a w64", "most of an rf64", "half a nist", "half an avr",
        "half an svx",
    ],
)  # fmt: skip
def test_bad_files_are_refused(bad_file, message, tmp_path):
    path = bad_file(tmp_path)
    with pytest.raises(AudioError, match=rf"X\[17\] '{path}': .*{message}"):
        load_clip(str(path), SR, index=17)


@pytest.mark.parametrize("extension", ["wav", "flac", "aiff", "ogg", "mp3", "nist"])
def test_truncated_file_has_no_duration(extension, tmp_path):
    path = truncated(extension, 0.5)(tmp_path)
    with pytest.raises(AudioError, match=rf"X\[17\] '{path}': .*truncated"):
        clip_duration(path, SR, index=17)


def test_damaged_flac_is_refused(noise, tmp_path):
    path = tmp_path / "damaged.flac"
    soundfile.write(path, noise, SR)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"damaged|truncated"):
        load_clip(path, SR)


@pytest.fixture(params=["VORBIS", "OPUS"])
def ogg(request, rng, tmp_path):
    path = tmp_path / "noise.ogg"
    noise = rng.uniform(-0.5, 0.5, size=3 * 48000)
    soundfile.write(path, noise, 48000, format="OGG", subtype=request.param)
    return path


def ogg_pages(content):
    """Cut at the magic number: no page of these tests has it in its body."""
    return [b"OggS" + page for page in content.split(b"OggS")[1:]]


def test_whole_ogg_is_read(ogg):
    expected, _ = soundfile.read(ogg, dtype="float32")
    np.testing.assert_array_equal(load_clip(ogg, 48000), expected)


def test_ogg_cut_anywhere_is_refused(ogg, rng):
    content = ogg.read_bytes()
    between_pages = np.cumsum([len(page) for page in ogg_pages(content)])[:-1]
    for n_bytes in [*between_pages, *rng.integers(1, len(content), size=60)]:
        ogg.write_bytes(content[:n_bytes])
        with pytest.raises(AudioError, match=r"noise\.ogg': (truncated: |libsndfile cannot read)"):
            load_clip(ogg, 48000)


def test_ogg_with_a_flipped_bit_is_refused(ogg, rng):
    content = ogg.read_bytes()
    for bit in rng.integers(8 * len(content), size=60):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        ogg.write_bytes(damaged)
        with pytest.raises(AudioError, match=r"noise\.ogg'.*: (damaged|truncated|libsndfile)"):
            load_clip(ogg, 48000)


def without(pages, number):
    return [*pages[:number], *pages[number + 1 :]]


def repeated(pages, number):
    return [*pages[: number + 1], *pages[number:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda pages: without(pages, 3), r"damaged: Ogg pages are missing before page 4\. Copy"),
        (lambda pages: repeated(pages, 3), "damaged: Ogg pages are missing before page 3"),
        (lambda pages: [*pages[:3], b"junk", *pages[3:]], "damaged: no Ogg page begins at byte"),
        (lambda pages: pages[:3], "truncated: the last Ogg page does not end the stream"),
        (lambda pages: [*pages, *pages[:2]], "truncated: the last Ogg page does not end"),
        (
            lambda pages: pages * 2,
            "the file has 2 Ogg streams one after another, of which libsndfile",
        ),
    ],
    ids=["missing", "repeated", "junk", "no end", "cut chain", "chain"],
)
def test_ogg_of_other_pages_is_refused(change, message, ogg):
    ogg.write_bytes(b"".join(change(ogg_pages(ogg.read_bytes()))))
    for item in [ogg, Segment(ogg, 0.1, 0.2)]:
        for read in [load_clip, clip_duration]:
            with pytest.raises(AudioError, match=rf"X\[2\] .*noise\.ogg'.*: {message}"):
                read(item, 48000, index=2)


def test_ogg_streams_side_by_side_are_one_file(ogg, tmp_path):
    expected = load_clip(ogg, 48000)
    soundfile.write(tmp_path / "other.ogg", np.zeros(96000), 48000)
    pages, others = (ogg_pages(file.read_bytes()) for file in (ogg, tmp_path / "other.ogg"))
    ogg.write_bytes(b"".join([pages[0], others[0], *pages[1:3], *others[1:], *pages[3:]]))
    np.testing.assert_array_equal(load_clip(ogg, 48000), expected)


def test_what_follows_the_last_ogg_page_is_no_damage(ogg):
    expected = load_clip(ogg, 48000)
    ogg.write_bytes(ogg.read_bytes() + b"TAG" + bytes(125))
    np.testing.assert_array_equal(load_clip(ogg, 48000), expected)


def test_segments_of_an_ogg_file_check_its_pages_once(ogg, monkeypatch):
    checks = []
    find = _load.find_ogg_damage
    monkeypatch.setattr(_load, "find_ogg_damage", lambda path: checks.append(path) or find(path))
    os.utime(ogg, (1, 1))
    for start in range(5):
        load_clip(Segment(ogg, start / 10, 1), 48000)
    assert len(checks) == 1
    os.utime(ogg, (2, 2))
    load_clip(Segment(ogg, 0, 1), 48000)
    assert len(checks) == 2


def test_ogg_written_again_within_the_clocks_resolution_is_checked_again(ogg):
    content = ogg.read_bytes()
    segment = Segment(ogg, 0.1, 0.2)
    assert len(load_clip(segment, 48000)) == 4800
    written = ogg.stat().st_mtime_ns
    ogg.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(ogg, ns=(written, written))
    with pytest.raises(AudioError, match="checksum"):
        load_clip(segment, 48000)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="all names are Unicode there")
def test_name_need_not_be_utf_8(wav, noise):
    path = os.fsdecode(os.path.join(os.fsencode(wav.parent), b"caf\xe9.wav"))
    os.rename(wav, path)
    np.testing.assert_array_equal(load_clip(path, SR), noise)
    cut_wav = os.fsencode(path)
    os.truncate(cut_wav, 1000)
    with pytest.raises(AudioError, match=r"X\[3\] '.*caf\\udce9\.wav': the file is truncated"):
        load_clip(path, SR, index=3)


def declare_in_flac(path, first_bit, n_bits, value):
    """Write a number into STREAMINFO, which begins with byte 8."""
    content = path.read_bytes()
    info = int.from_bytes(content[8:42], "big")
    shift = 8 * 34 - first_bit - n_bits
    info = info & ~((2**n_bits - 1) << shift) | value << shift
    path.write_bytes(content[:8] + info.to_bytes(34, "big") + content[42:])


@pytest.mark.parametrize(
    ("n_frames", "message"),
    [(2**36 - 1, "damaged. Its header declares 68719476735 frames, more"), (10**6, "")],
    ids=["billions", "a million"],
)
def test_flac_that_declares_more_frames_than_it_holds_is_refused(
    n_frames, message, noise, tmp_path
):
    path = tmp_path / "noise.flac"
    soundfile.write(path, noise, SR)
    declare_in_flac(path, 108, 36, n_frames)
    for item in [path, Segment(path, 0, 20)]:
        for read in [load_clip, clip_duration]:
            with pytest.raises(AudioError, match=rf"X\[1\] '.*noise\.flac'.*: .*{message}"):
                read(item, SR, index=1)


def test_mp3_that_declares_more_frames_than_it_holds_is_refused(noise, tmp_path):
    path = tmp_path / "noise.mp3"
    soundfile.write(path, noise, SR)
    content = bytearray(path.read_bytes())
    xing = max(content.find(b"Xing"), content.find(b"Info"))
    content[xing + 8 : xing + 12] = struct.pack(">I", 10**5)
    path.write_bytes(content)
    for read in [load_clip, clip_duration]:
        with pytest.raises(AudioError, match=r"X\[1\] '.*noise\.mp3': .*"):
            read(path, SR, index=1)


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3"])
def test_long_silence_is_no_damage(extension, tmp_path):
    path = tmp_path / f"silence.{extension}"
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(300):
            file.write(np.zeros(8000))
    assert clip_duration(path, SR) == 300
    assert not load_clip(path, 8000)[:-8000].any()


def test_flac_that_cannot_be_sought_in_has_a_duration(noise, tmp_path):
    path = tmp_path / "noise.flac"
    soundfile.write(path, noise, SR)
    # The smallest number of samples in a block, which libFLAC takes its steps by.
    declare_in_flac(path, 0, 16, 0)
    with pytest.raises(AudioError, match="seek"):
        load_clip(Segment(path, 0.5, 1), SR)
    assert clip_duration(path, SR) == 1
    assert len(load_clip(path, SR)) == SR


@pytest.mark.parametrize("sr", [1, 8, 999, 2_000_000])
def test_file_with_a_sample_rate_of_no_recording_is_refused(sr, wav):
    content = bytearray(wav.read_bytes())
    content[24:28] = struct.pack("<I", sr)
    wav.write_bytes(content)
    for read in [load_clip, clip_duration]:
        with pytest.raises(
            AudioError, match=rf"X\[1\] .*: the file is damaged.* a sample rate of {sr} Hz"
        ):
            read(wav, SR, index=1)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, UnicodeError, OSError])
@pytest.mark.parametrize("method", ["__init__", "read", "seek"])
def test_whatever_the_decoder_raises_names_the_clip(error, method, wav, monkeypatch):
    def fail(*args, **kwargs):
        raise error("no reason")

    monkeypatch.setattr(soundfile.SoundFile, method, fail)
    for read in [load_clip, clip_duration]:
        with pytest.raises(AudioError, match=rf"X\[5\] '{wav}' from 0\.5 to 1 s: "):
            read(Segment(wav, 0.5, 1), SR, index=5)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_whatever_the_resampler_raises_names_the_clip(error, wav, monkeypatch):
    def fail(*args, **kwargs):
        raise error("no reason")

    monkeypatch.setattr("soxr.resample", fail)
    with pytest.raises(AudioError, match=rf"X\[5\] '{wav}': 22050 samples cannot be resampled"):
        load_clip(wav, 16000, index=5)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use is not deleted there")
def test_missing_file_is_named_in_a_deleted_folder(tmp_path, monkeypatch):
    (tmp_path / "deleted").mkdir()
    monkeypatch.chdir(tmp_path / "deleted")
    (tmp_path / "deleted").rmdir()
    with pytest.raises(AudioError, match=r"X\[5\] 'a\.wav': no such file\..*folder is 'a deleted"):
        load_clip("a.wav", SR, index=5)


def test_duration_of_every_kind_of_clip(wav):
    clips = [wav, Segment(wav, 0.25, 0.75), Audio(np.zeros((2, 800)), 8000), np.zeros(SR)]
    assert [clip_duration(clip, SR) for clip in clips] == pytest.approx([1, 0.5, 0.1, 1], rel=1e-3)


def test_duration_of_a_segment_outside_the_file_is_refused(wav):
    with pytest.raises(AudioError, match="ends after the file"):
        clip_duration(Segment(wav, 0, 2500), SR)
