import os

import numpy as np
import pytest

from skser import Audio
from skser.datasets import describe_corpus, load_folder, load_ravdess, make_emotional_speech
from skser.datasets._fingerprint import is_clipped
from skser.exceptions import AudioError, AudioWarning


def value(table, part, name):
    return table.loc[(part, name), "value"]


def which(table, name):
    return table.loc[("faults", name), "which"]


@pytest.fixture
def corpus(tmp_path, write_clip, rng):
    """Sound clips of two classes from two speakers; `write_clip` adds faulty ones."""
    for i in range(12):
        emotion, speaker = ("sad", "calm")[i % 2], f"s{i // 6}"
        write_clip(tmp_path / emotion / f"{speaker}_{i}.wav", seconds=rng.uniform(0.5, 1))

    def load():
        return load_folder(tmp_path, group=r"s\d")

    return tmp_path, load


def test_a_sound_corpus_has_no_faults(corpus):
    _, load = corpus
    table = describe_corpus(load().frame)
    assert (table.loc["faults", "value"] == 0).all()
    assert table.loc["corpus", "value"].tolist()[:3] == [12, 2, 2]
    assert value(table, "class", "sad") == 6
    assert value(table, "class", "imbalance") == 1


def test_imbalance_is_the_largest_class_over_the_smallest(corpus):
    _, load = corpus
    assert value(describe_corpus(load().frame.iloc[:9]), "class", "imbalance") == 2


@pytest.mark.parametrize(
    ("fault", "y"),
    [
        ("silent", np.zeros(4000)),
        ("clipped", np.r_[np.linspace(0, 0.9, 4000), 1, 1, 1]),
        ("shorter than 0.25 s", np.linspace(0, 0.5, 800)),
    ],
)
def test_a_faulty_clip_is_found(corpus, write_clip, fault, y):
    folder, load = corpus
    bad = write_clip(folder / "sad" / "s0_bad.wav", y=y)
    frame = load().frame
    table = describe_corpus(frame)
    assert frame.loc[list(which(table, fault)), "path"].tolist() == [bad]
    assert value(table, "faults", fault) == 1


@pytest.mark.parametrize("content", [b"", b"no audio"])
def test_an_unreadable_file_is_found_and_breaks_nothing(corpus, content):
    folder, load = corpus
    (folder / "sad" / "s0_bad.wav").write_bytes(content)
    frame = load().frame
    bad = which(describe_corpus(frame), "unreadable")
    assert [path.rsplit("/", 1)[1] for path in frame.loc[list(bad), "path"]] == ["s0_bad.wav"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_a_pipe_is_unreadable_and_not_waited_for(corpus):
    _, load = corpus
    frame = load().frame
    path = frame["path"].iloc[0]
    os.remove(path)
    os.mkfifo(path)
    assert which(describe_corpus(frame), "unreadable") == (0,)


def test_files_of_the_same_bytes_are_found(corpus):
    folder, load = corpus
    (folder / "calm" / "s1_copy.wav").write_bytes((folder / "sad" / "s0_0.wav").read_bytes())
    frame = load().frame
    table = describe_corpus(frame)
    ((one, other),) = which(table, "byte-identical")
    assert {frame.loc[one, "path"][-8:], frame.loc[other, "path"][-8:]} == {"s0_0.wav", "copy.wav"}
    assert which(table, "sample-identical") == which(table, "byte-identical")
    assert value(table, "faults", "byte-identical") == 2


def test_the_same_sound_in_another_format_is_sample_identical_only(corpus, write_clip):
    folder, load = corpus
    import soundfile

    y, sr = soundfile.read(folder / "sad" / "s0_0.wav")
    write_clip(folder / "calm" / "s1_copy.flac", y=y, sr=sr)
    table = describe_corpus(load().frame)
    assert value(table, "faults", "byte-identical") == 0
    assert value(table, "faults", "sample-identical") == 2


def test_one_sound_at_two_rates_is_two_sounds(corpus, write_clip):
    folder, load = corpus
    y = np.linspace(-0.5, 0.5, 4000)
    for sr in (8000, 16000):
        write_clip(folder / "sad" / f"s0_at{sr}.wav", y=y, sr=sr)
    assert value(describe_corpus(load().frame), "faults", "sample-identical") == 0


def test_a_speaker_of_one_class_is_found(corpus, write_clip):
    folder, load = corpus
    write_clip(folder / "sad" / "s7.wav", seconds=0.5)
    assert which(describe_corpus(load().frame), "speakers of one class") == ("s7",)


def test_labels_of_a_part_of_a_frame_are_kept(corpus, write_clip):
    folder, load = corpus
    bad = write_clip(folder / "sad" / "s9_bad.wav", y=np.zeros(4000))
    frame = load().frame.query("emotion == 'sad' or speaker == 's1'")
    assert frame.loc[list(which(describe_corpus(frame), "silent")), "path"].tolist() == [bad]


@pytest.mark.parametrize(("cut", "low", "high"), [(True, 0.95, 1), (False, 0.3, 0.7)])
def test_duration_that_tells_the_class_is_found(rng, cut, low, high):
    speech = make_emotional_speech(4, 10, emotions=["sad", "happy"], sr=8000, random_state=0)
    seconds = rng.uniform(0.5, 1, len(speech.data)) + cut * (speech.target == "sad")
    for i, clip in enumerate(speech.data):
        speech.data[i] = Audio(np.resize(clip.y, round(seconds[i] * clip.sr)), clip.sr)
    table = describe_corpus(speech)
    assert low <= value(table, "duration", "UAR by duration") <= high
    assert value(table, "duration", "UAR by chance") == 0.5


def test_duration_that_is_the_same_throughout_tells_nothing(tmp_path, write_clip):
    for i in range(12):
        write_clip(tmp_path / ("sad", "calm")[i % 2] / f"{i}.wav", seconds=0.5)
    table = describe_corpus(load_folder(tmp_path).frame)
    assert value(table, "duration", "UAR by duration") == 0.5


def test_too_little_to_split_tells_nothing_of_duration(corpus):
    _, load = corpus
    table = describe_corpus(load().frame.iloc[[0, -1]])
    assert np.isnan(value(table, "duration", "UAR by duration"))


def test_clips_in_memory_need_the_corpus():
    speech = make_emotional_speech(2, 1, random_state=0)
    assert value(describe_corpus(speech), "corpus", "clips") == 10
    with pytest.raises(AudioError, match=r"have no path.*Pass the corpus"):
        describe_corpus(speech.frame)


def test_threads_find_the_same(corpus):
    _, load = corpus
    frame = load().frame
    assert describe_corpus(frame, n_jobs=2).equals(describe_corpus(frame))


def test_an_empty_frame_is_refused(corpus):
    _, load = corpus
    with pytest.raises(AudioError, match="The frame is empty"):
        describe_corpus(load().frame.iloc[:0])


def test_another_frame_is_refused(corpus):
    _, load = corpus
    with pytest.raises(AudioError, match="has no column 'speaker'"):
        describe_corpus(load().frame.drop(columns="speaker"))


def test_something_else_is_refused():
    with pytest.raises(ValueError, match="of type list, but a corpus is expected"):
        describe_corpus(["a.wav"])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([0, 1, 1, 0.5], False),
        ([0, 1, 1, 1, 0], True),
        ([-1, -1, -1], True),
        ([0.9, 0.9, 0.9], False),
        ([1], False),
        ([1, 1, 0, 1], False),
    ],
)
def test_three_samples_at_full_scale_are_clipped(y, expected):
    assert is_clipped(np.array(y, dtype=np.float32)) == expected


def test_ravdess_has_its_identical_pair(ravdess):
    frame = load_ravdess(ravdess).frame.query("speaker == '07'")
    ((one, other),) = which(describe_corpus(frame), "sample-identical")
    assert [frame.loc[i, "path"].split("/")[-1].split(".")[0] for i in (one, other)] == [
        "03-01-03-01-02-01-07",
        "03-01-03-01-02-02-07",
    ]


def test_one_class_is_told(tmp_path, write_clip):
    for i in range(3):
        write_clip(tmp_path / "samples" / f"{i}.wav")
    message = r"Every clip is labelled 'samples', .*with label= \(--label in a command\)"
    with pytest.warns(AudioWarning, match=message) as told:
        table = describe_corpus(load_folder(tmp_path))
    assert value(table, "corpus", "classes") == 1
    assert told[0].filename == __file__


def test_what_the_loader_skipped_is_counted(corpus):
    folder, _ = corpus
    loaded = load_folder(folder, lambda file: None if "s0" in file.name else file.parent.name)
    table = describe_corpus(loaded)
    assert table.loc["skipped", "value"].to_dict() == {"files that label= leaves out": 6}
    assert "skipped" not in describe_corpus(loaded.frame).index.unique(level=0)
