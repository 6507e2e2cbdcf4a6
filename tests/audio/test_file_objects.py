"""Files that are open, or in memory, as clips."""

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

from skser import (
    MFCC,
    Audio,
    AudioError,
    FeatureStore,
    Segment,
    SegmentClassifier,
    TrimSilence,
    WaveformDisplay,
    make_audio_union,
    with_speakers,
)
from skser.audio._items import describe, title_of
from skser.audio._load import clip_duration, load_clip, read_clip
from skser.datasets._fingerprint import fingerprints, recording

FORMATS = ["wav", "flac", "ogg", "mp3"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A second of noise as a file in each format."""
    folder = tmp_path_factory.mktemp("formats")
    y = np.random.default_rng(0).normal(scale=0.1, size=(16000, 2))
    paths = {name: folder / f"noise.{name}" for name in FORMATS}
    for path in paths.values():
        soundfile.write(path, y, 16000)
    return paths


@pytest.fixture
def wav(files):
    return io.BytesIO(files["wav"].read_bytes())


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_in_memory_is_what_the_file_is(files, name):
    path = files[name]
    clip = io.BytesIO(path.read_bytes())
    for sr in (16000, 22050):
        assert np.array_equal(load_clip(clip, sr), load_clip(path, sr))
    part, same_part = Segment(clip, 0.25, 0.5), Segment(path, 0.25, 0.5)
    assert np.array_equal(load_clip(part, 16000), load_clip(same_part, 16000))
    assert clip_duration(clip, 1) == clip_duration(path, 1)
    with open(path, "rb") as file:
        assert np.array_equal(load_clip(file, 16000), load_clip(path, 16000))


@pytest.mark.parametrize("name", FORMATS)
def test_features_and_sounds_take_it(files, name):
    content = files[name].read_bytes()
    X = [io.BytesIO(content), str(files[name])]
    one, other = MFCC(13).fit_transform(X)
    assert np.array_equal(one, other)
    one, other = TrimSilence().fit_transform(X)
    assert np.array_equal(one.y, other.y)


def test_it_is_read_from_its_start_and_stays_where_it_is(wav, files):
    expected = load_clip(files["wav"], 16000)
    with tempfile.SpooledTemporaryFile() as spooled, open(files["wav"], "rb") as opened:
        spooled.write(wav.getvalue())
        for file in (wav, spooled, opened):
            file.seek(77)
            assert np.array_equal(load_clip(file, 16000), expected)
            assert file.tell() == 77


def test_several_threads_may_read_one_file(wav, files):
    expected = load_clip(files["wav"], 16000)
    with ThreadPoolExecutor(8) as pool, open(files["wav"], "rb") as opened:
        for y in pool.map(lambda file: load_clip(file, 16000), [wav, opened] * 50):
            assert np.array_equal(y, expected)


@pytest.mark.slow
def test_a_union_takes_it_in_several_processes(wav, files):
    union = make_audio_union(MFCC(13), n_jobs=2)
    one, other = union.fit_transform([wav, str(files["wav"])])
    assert np.array_equal(one, other)


@pytest.mark.slow
def test_an_open_file_cannot_go_to_another_process(wav, files):
    with open(files["wav"], "rb") as opened, pytest.raises(AudioError, match=r"BytesIO\(file"):
        make_audio_union(MFCC(13), n_jobs=2).fit_transform([wav, opened])


def test_a_store_knows_it_by_its_content(wav, files, tmp_path, reads):
    union = make_audio_union(MFCC(13), memory=FeatureStore(tmp_path / "store"))
    values = union.fit_transform([wav])
    reads.clear()
    again = union.transform([io.BytesIO(wav.getvalue())])
    assert np.array_equal(values, again)
    assert reads == []
    union.transform([io.BytesIO(files["flac"].read_bytes()), Segment(wav, 0.0, 0.5)])
    assert len(reads) == 2


def test_pieces_of_it_are_those_of_the_file(wav, files, every_length):
    one = every_length.predict_segments([wav, Segment(wav, 0.2, 0.9)])
    other = every_length.predict_segments([files["wav"], Segment(files["wav"], 0.2, 0.9)])
    assert one.equals(other)


@pytest.fixture(scope="module")
def every_length(files):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(MFCC(13, sr=16000), LogisticRegression())
    X = [str(files["wav"]), Audio(np.random.default_rng(1).normal(size=16000), 16000)]
    return SegmentClassifier(pipeline, window=0.3, hop=0.1).fit(X, ["a", "b"])


def test_it_may_carry_a_speaker(wav):
    [clip] = with_speakers([wav], ["anna"])
    assert clip == Segment(wav, speaker="anna")
    assert load_clip(clip, 16000).shape == (16000,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"X\[3\] BytesIO: the file is empty \(0 bytes\)"),
        (b"hello", r"X\[3\] BytesIO: libsndfile cannot read it"),
        (b"OggS" + bytes(100), r"X\[3\] BytesIO: (damaged|truncated)"),
    ],
)
def test_what_is_no_sound_is_named(content, message):
    with pytest.raises(AudioError, match=message):
        read_clip(io.BytesIO(content), 16000, 3)


@pytest.mark.parametrize("name", ["wav", "ogg"])
def test_a_truncated_one_is_named(files, name):
    content = files[name].read_bytes()
    with pytest.raises(AudioError, match=r"X\[0\] BytesIO: .*truncated"):
        MFCC().fit_transform([io.BytesIO(content[: len(content) // 2])])


def test_a_closed_one_is_named(wav, files):
    wav.close()
    with open(files["wav"], "rb") as opened:
        pass
    for file in (wav, opened):
        with pytest.raises(AudioError, match=r"X\[0\] B.*: the file is closed"):
            MFCC().fit_transform([file])


def test_one_that_gives_no_bytes_is_named(files):
    with open(files["wav"], encoding="latin-1") as text:
        with pytest.raises(AudioError, match=r"returns str, not bytes\. Open it in binary"):
            MFCC().fit_transform([text])


def test_one_that_cannot_go_back_is_named():
    class Pipe(io.RawIOBase):
        def readable(self):
            return True

    with pytest.raises(AudioError, match=r"X\[0\] Pipe: the file cannot be read from its start"):
        MFCC().fit_transform([Pipe()])


def test_one_alone_is_no_collection_of_clips(wav):
    with pytest.raises(AudioError, match=r"X is a single clip \(BytesIO\).*Pass a list"):
        MFCC().fit_transform(wav)


def test_messages_and_titles_name_the_file_that_is_open(files, wav):
    with open(files["wav"], "rb") as opened:
        assert describe(opened, 2) == f"X[2] BufferedReader {str(files['wav'])!r}"
        assert title_of(opened) == "noise.wav"
        assert title_of(Segment(opened, 0.5, 1.0)) == "noise.wav, 0.5 to 1 s"
    assert describe(Segment(wav, 1.0, 2.0)) == "BytesIO from 1.0 to 2.0 s"
    assert title_of(wav) is None
    assert title_of(Segment(wav, 1.0)) is None


def test_displays_take_it(wav):
    assert len(WaveformDisplay.from_item(wav).y) == 16000


def test_a_corpus_may_hold_it(wav):
    for clip in (wav, Segment(wav), Segment(wav, 0.5)):
        assert recording(clip) is None
    whole, same = fingerprints([wav, Segment(wav)])
    assert whole == same
    assert whole.duration == 1
