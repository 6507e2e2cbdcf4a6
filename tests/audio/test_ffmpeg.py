"""Sound through ffmpeg: by a stand-in, and by the program itself where it is installed."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from skser import AudioError, Segment, load_folder
from skser.audio import _ffmpeg
from skser.audio._blocks import read_blocks
from skser.audio._files import FFMPEG_SUFFIXES
from skser.audio._load import clip_duration, header, read_clip
from skser.exceptions import AudioWarning
from skser.extraction._identity import identify_clips

SR = 16000
STAND_IN = f"""#!{sys.executable} -IS
import json, struct, sys, time
arguments = sys.argv[1:]
with open(__file__ + ".log", "a") as log:
    print(json.dumps(arguments), file=log)
name = arguments[arguments.index("-i") + 1]
assert name.startswith("file:")
with open(name[5:], "rb") as file:
    content = file.read()
if content[8:12] == b"fail":
    sys.exit("[mov @ 0x1234] moov atom not found")
if content[8:12] == b"mute":
    sys.exit("Stream map '0:a:0' matches no streams.")
if content[8:12] == b"hang":
    time.sleep(60)
sr, channels = struct.unpack("<II", content[12:20])
samples, first = content[20:], 7
if "framecrc" in arguments:
    print(f"#tb 0: 1/{{sr}}\\n#sample_rate 0: {{sr}}")
    print(f"0, {{first}}, {{first}}, {{64}}, {{64 * 4 * channels}}, 0x0")
else:
    start = 0
    if "-af" in arguments:
        trim = arguments[arguments.index("-af") + 1]
        start = int(trim.rpartition("=")[2]) - (first if "start_pts" in trim else 0)
    try:
        sys.stdout.buffer.write(samples[start * 4 * channels:])
    except BrokenPipeError:
        pass
if content[8:12] == b"late":
    sys.exit("[aac @ 0x1] Input buffer exhausted")
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Have a script take the place of ffmpeg; return a function that lists its runs."""
    if os.name == "nt":
        pytest.skip("a script is no program on Windows")
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))

    def runs():
        log = tmp_path / "bin" / "ffmpeg.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return runs


@pytest.fixture
def no_ffmpeg(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))


def fake(path, y, kind=b"ftyp", what=b"good", sr=SR):
    """Write what the stand-in decodes: of the MPEG-4 family, if the kind is ftyp."""
    channels = 1 if y.ndim == 1 else y.shape[1]
    start = b"\0\0\0\x08" + kind + what + np.array([sr, channels], "<u4").tobytes()
    path.write_bytes(start + y.astype("<f4").tobytes())
    return path


@pytest.fixture
def noise():
    return np.random.default_rng(0).uniform(-0.5, 0.5, 5 * SR).astype(np.float32)


def test_a_file_is_decoded_at_its_own_rate(stand_in, tmp_path, noise):
    y, sr = read_clip(str(fake(tmp_path / "a.m4a", noise)), 22050)
    assert sr == SR
    np.testing.assert_array_equal(y, noise)


def test_channels_are_averaged(stand_in, tmp_path, noise):
    y, _ = read_clip(fake(tmp_path / "a.m4a", np.stack([noise, 0 * noise], axis=1)), SR)
    np.testing.assert_array_equal(y, noise / 2)


@pytest.mark.parametrize("kind", [b"ftyp", b"none"], ids=["sought", "from the beginning"])
@pytest.mark.parametrize(("start", "end"), [(0, 0.5), (0.25, 4), (3.1, 3.2), (2.5, None)])
def test_a_segment_is_its_stretch_to_the_sample(stand_in, tmp_path, noise, kind, start, end):
    path = fake(tmp_path / "a.m4a", noise, kind)
    y, _ = read_clip(Segment(path, start, end), SR)
    np.testing.assert_array_equal(y, noise[round(start * SR) : round((end or 5) * SR)])


def test_only_the_stretch_of_a_segment_is_sought(stand_in, tmp_path, noise):
    read_clip(Segment(fake(tmp_path / "a.m4a", noise), 3, 3.5), SR)
    probe, stretch = stand_in()
    assert "framecrc" in probe
    assert stretch[stretch.index("-ss") + 1] == "2.000000"
    # The stand-in says that its first sample is number 7.
    assert stretch[stretch.index("-af") + 1] == f"atrim=start_pts={3 * SR + 7}"


def test_a_segment_after_the_end_is_refused(stand_in, tmp_path, noise):
    path = fake(tmp_path / "a.m4a", noise)
    with pytest.raises(AudioError, match=r"ends after the file, which lasts 5 s"):
        read_clip(Segment(path, 4, 6), SR)


def test_blocks_make_up_the_file(stand_in, tmp_path, monkeypatch, noise):
    monkeypatch.setattr("skser.audio._blocks._SECONDS", 2)
    path = fake(tmp_path / "a.m4a", noise)
    for kept in (2**26, 0):
        monkeypatch.setattr(_ffmpeg, "_KEPT", kept)
        _ffmpeg._COUNTS.clear()
        blocks = [block for block, _ in read_blocks(path, SR)]
        assert [len(block) for block in blocks] == [2 * SR, 2 * SR, SR]
        np.testing.assert_array_equal(np.concatenate(blocks), noise)


def test_the_duration_is_that_of_what_is_decoded(stand_in, tmp_path, noise):
    path = fake(tmp_path / "a.m4a", noise[:1234])
    assert clip_duration(path, SR) == 1234 / SR
    assert header(path) == (1234 / SR, SR)


@pytest.mark.parametrize(
    "name", ["-i.m4a", "http:example.m4a", "concat:a|b.m4a", "a%03d.mp4", "é\n.mov"]
)
def test_a_name_is_nothing_but_a_name(stand_in, tmp_path, monkeypatch, noise, name):
    fake(tmp_path / name, noise)
    monkeypatch.chdir(tmp_path)
    assert len(read_clip(name, SR)[0]) == len(noise)
    for run in stand_in():
        assert run[run.index("-i") + 1] == f"file:{name}"
        assert run[run.index("-protocol_whitelist") + 1] == "file"
        assert "-nostdin" in run
        assert "concat" not in run[run.index("-format_whitelist") + 1]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (b"fail", r"a\.m4a'?: ffmpeg cannot read it \(moov atom not found\)\. Check whether"),
        (b"mute", r"a\.m4a'?: the file contains no sound\. Remove it"),
        (b"late", r"a\.m4a'?: ffmpeg cannot read it \(Input buffer exhausted\)"),
    ],
)
def test_what_ffmpeg_refuses_is_named(stand_in, tmp_path, noise, what, message):
    with pytest.raises(AudioError, match=message):
        read_clip(fake(tmp_path / "a.m4a", noise, what=what), SR)


def test_ffmpeg_has_limited_time(stand_in, tmp_path, monkeypatch, noise):
    monkeypatch.setattr(_ffmpeg, "_SECONDS", 0.2)
    with pytest.raises(AudioError, match=r"ffmpeg did not open it within 0\.2 s"):
        read_clip(fake(tmp_path / "a.m4a", noise, what=b"hang"), SR)


def test_more_sound_than_a_file_can_hold_is_refused(stand_in, tmp_path, monkeypatch, noise):
    monkeypatch.setattr(_ffmpeg, "_FRAMES_PER_BYTE", 0.1)
    with pytest.raises(AudioError, match=r"damaged\. ffmpeg decodes more than 80000 frames from"):
        read_clip(fake(tmp_path / "a.m4a", noise), SR)


@pytest.mark.parametrize("suffix", FFMPEG_SUFFIXES)
def test_without_ffmpeg_the_error_says_how_to_get_it(no_ffmpeg, tmp_path, noise, suffix):
    path = fake(tmp_path / f"a{suffix}", noise, b"none")
    with pytest.raises(AudioError, match=r"needs ffmpeg, which is not installed\. .*brew install"):
        read_clip(path, SR)


def test_the_content_tells_what_a_wrong_suffix_hides(no_ffmpeg, tmp_path, noise):
    path = fake(tmp_path / "voice message.wav", noise)
    with pytest.raises(AudioError, match="needs ffmpeg"):
        read_clip(path, SR)
    soundfile.write(tmp_path / "a.mp4", noise, SR, format="WAV")
    assert len(read_clip(tmp_path / "a.mp4", SR)[0]) == len(noise)


def test_files_without_ffmpeg_are_counted_and_named(no_ffmpeg, tmp_path, noise):
    for name in ("a.wav", "b.m4a", "c.mp4"):
        (tmp_path / "clips").mkdir(exist_ok=True)
        if name == "a.wav":
            soundfile.write(tmp_path / "clips" / name, noise, SR)
        else:
            fake(tmp_path / "clips" / name, noise)
    message = r"2 of 3 clips cannot be read without ffmpeg.*the first is .*b\.m4a'\. Install"
    with pytest.warns(AudioWarning, match=message):
        corpus = load_folder(tmp_path / "clips")
    assert len(corpus.data) == 3


def test_a_video_beside_its_sound_is_left_out_and_counted(stand_in, tmp_path, noise):
    soundfile.write(tmp_path / "a.wav", noise, SR)
    fake(tmp_path / "a.mp4", noise)
    fake(tmp_path / "b.mp4", noise)
    with pytest.warns(AudioWarning, match=r"1 file is left out, because .*the first is .*a\.mp4'"):
        corpus = load_folder(tmp_path)
    assert [os.path.basename(path) for path in corpus.data] == ["a.wav", "b.mp4"]
    assert corpus.frame["duration"].tolist() == [5, 5]
    assert corpus.skipped == {"files beside one of the same name and another format": 1}


def test_the_store_knows_such_a_file_by_its_path_and_time(no_ffmpeg, tmp_path, noise):
    path = fake(tmp_path / "a.m4a", noise)
    before = identify_clips([str(path)])
    os.utime(path, ns=(0, 0))
    assert None not in before
    assert identify_clips([str(path)]) != before


ENCODED = [
    *(("m4a", "aac"), ("mp4", "aac"), ("mov", "alac"), ("3gp", "aac")),
    *(("mkv", "aac"), ("webm", "libopus"), ("wma", "wmav2"), ("aac", "aac"), ("avi", "libmp3lame")),
]


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """Files of five seconds of noise at 22.05 kHz, in each format, that ffmpeg itself wrote."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("encoded")
    y = np.random.default_rng(0).uniform(-0.3, 0.3, (5 * 22050 + 77, 2))
    soundfile.write(folder / "noise.wav", y, 22050)
    command = [program, "-nostdin", "-loglevel", "error", "-i", folder / "noise.wav"]
    for suffix, codec in ENCODED:
        subprocess.run([*command, "-c:a", codec, folder / f"a.{suffix}"], check=True)
    return folder


@pytest.mark.parametrize("suffix", [suffix for suffix, _ in ENCODED])
def test_stretches_of_every_format_are_those_of_the_file(encoded, suffix):
    path = encoded / f"a.{suffix}"
    whole, sr = read_clip(path, SR)
    assert abs(len(whole) / sr - 5) < 0.15
    for start, end in ((0, 1), (2.345, 3.001), (4, None)):
        y, _ = read_clip(Segment(path, start, end), SR)
        last = len(whole) if end is None else round(end * sr)
        np.testing.assert_array_equal(y, whole[round(start * sr) : last])


@pytest.mark.parametrize("suffix", ["m4a", "mkv", "wma", "aac"])
def test_a_truncated_file_is_refused(encoded, tmp_path, suffix):
    content = (encoded / f"a.{suffix}").read_bytes()
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(AudioError, match=r"ffmpeg cannot read it .*Check whether it is complete"):
        read_clip(path, SR)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_list_of_other_files_is_not_followed(encoded, tmp_path, suffix):
    for text in (
        f"ffconcat version 1.0\nfile '{encoded / 'a.m4a'}'\n",
        f"#EXTM3U\n#EXTINF:5,\nfile://{encoded / 'a.m4a'}\n#EXT-X-ENDLIST\n",
    ):
        (tmp_path / f"list.{suffix}").write_text(text)
        with pytest.raises(AudioError, match="ffmpeg cannot read it"):
            read_clip(tmp_path / f"list.{suffix}", SR)


def test_a_header_holds_no_sound(stand_in, tmp_path, monkeypatch, noise):
    kept = []
    monkeypatch.setattr(_ffmpeg.FFmpegSound, "_keep", lambda self, start, y: kept.append(y))
    assert header(fake(tmp_path / "a.m4a", noise)) == (5, SR)
    assert not kept


def test_counts_may_be_cleared_by_another_thread(stand_in, tmp_path, monkeypatch, noise):
    class Cleared(dict):
        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            self.clear()

    monkeypatch.setattr(_ffmpeg, "_COUNTS", Cleared())
    assert header(fake(tmp_path / "a.m4a", noise)) == (5, SR)


def test_a_program_that_cannot_be_started_is_told(stand_in, tmp_path, monkeypatch, noise):
    path = fake(tmp_path / "a.m4a", noise)
    assert header(path) == (5, SR)

    def fail(*args, **kwargs):
        raise OSError("no more processes")

    monkeypatch.setattr(_ffmpeg.subprocess, "Popen", fail)
    with pytest.raises(AudioError, match=r"a\.m4a.*cannot be run \(no more processes\)"):
        read_clip(path, SR)


def test_a_program_in_the_current_folder_is_not_run(tmp_path, monkeypatch):
    # As shutil.which answers on Windows.
    monkeypatch.setattr(_ffmpeg.shutil, "which", lambda name: str(tmp_path / "ffmpeg"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    assert not _ffmpeg.has_ffmpeg()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _ffmpeg.has_ffmpeg()
