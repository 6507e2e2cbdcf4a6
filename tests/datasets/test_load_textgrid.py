import struct
from pathlib import Path

import pytest

from skser import Segment, load_corpus, load_textgrid, subset_corpus
from skser.cli._corpora import open_corpus
from skser.cli._options import Source
from skser.exceptions import AudioError, AudioWarning

pytest.importorskip("pympi")

EMOTION = [(0, 1, "fear"), (1, 1.5, ""), (1.5, 3, "Joy"), (3, 4, " ")]
SPEAKER = [(0, 0.8, "anna"), (0.8, 2.9, "ben"), (2.9, 4, "")]


def long_text(**tiers):
    """Return a TextGrid of tiers of intervals, or of points, as Praat writes it."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", "xmax = 4"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, entries) in enumerate(tiers.items(), start=1):
        kind = "IntervalTier" if len(entries[0]) == 3 else "TextTier"
        what = "intervals" if len(entries[0]) == 3 else "points"
        lines += [f"    item [{number}]:", f'        class = "{kind}"', f'        name = "{name}"']
        lines += ["        xmin = 0", "        xmax = 4", f"        {what}: size = {len(entries)}"]
        for place, (*times, text) in enumerate(entries, start=1):
            lines += [f"        {what} [{place}]:"]
            lines += [f"            x = {time}" for time in times]
            lines += [f'            text = "{text}"']
    return "\n".join(lines) + "\n"


def short_text(**tiers):
    lines = ['File type = "ooTextFile"', '"TextGrid"', "", 0, 4, "<exists>", len(tiers)]
    for name, entries in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', 0, 4, len(entries)]
        for start, end, text in entries:
            lines += [start, end, f'"{text}"']
    return "\n".join(map(str, lines)) + "\n"


def binary(**tiers):
    content = b"ooBinaryFile\x08TextGrid" + struct.pack(">dd?i", 0, 4, True, len(tiers))
    for name, entries in tiers.items():
        content += b"\x0cIntervalTier" + struct.pack(">h", len(name)) + name.encode()
        content += struct.pack(">ddi", 0, 4, len(entries))
        for start, end, text in entries:
            content += struct.pack(">ddh", start, end, len(text)) + text.encode()
    return content


@pytest.fixture
def talk(tmp_path, write_clip):
    """A recording of four seconds, and a function that annotates it."""
    write_clip(tmp_path / "talks" / "talk.wav", seconds=4)

    def annotate(content=None, name="talk", **tiers):
        file = tmp_path / "talks" / f"{name}.TextGrid"
        content = long_text(**(tiers or {"emotion": EMOTION})) if content is None else content
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return annotate


def test_labelled_intervals_are_segments(talk):
    file = talk()
    corpus = load_textgrid(file)
    sound = str(file.with_suffix(".wav"))
    assert corpus.data.tolist() == [Segment(sound, 0, 1), Segment(sound, 1.5, 3)]
    assert corpus.target.tolist() == ["fear", "Joy"]
    assert corpus.groups is None
    assert corpus.frame["tier"].tolist() == ["emotion", "emotion"]
    assert corpus.frame["annotation"].tolist() == [str(file)] * 2
    assert corpus.frame["duration"].tolist() == [1, 1.5]
    assert set(corpus.frame["corpus"]) == {"talk"}


def test_empty_intervals_are_counted(talk):
    corpus = load_textgrid(talk())
    assert corpus.skipped == {"empty intervals": 2}
    assert "2 empty intervals" in corpus.DESCR


@pytest.mark.parametrize("write", [long_text, short_text, binary])
def test_every_format_of_praat_is_read(talk, write):
    file = talk(write(emotion=EMOTION, speaker=SPEAKER))
    assert load_textgrid(file, speaker_tier="speaker").groups.tolist() == ["anna", "ben"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_may_be_in_unicode(talk, encoding):
    tiers = {"Gefühl": [(0, 1, 'sehr ""ärgerlich""')]}
    corpus = load_textgrid(talk(long_text(**tiers).encode(encoding)), tier="Gefühl")
    assert corpus.target.tolist() == ['sehr "ärgerlich"']


def test_other_encodings_are_refused(talk):
    with pytest.raises(AudioError, match=r"neither in UTF-8 nor in UTF-16 .*Save it again"):
        load_textgrid(talk(long_text(emotion=[(0, 1, "ä")]).encode("latin-1")))


def test_the_speaker_is_who_speaks_longest_during_the_interval(talk):
    tiers = {
        "emotion": [(0, 2, "a"), (2, 4, "b")],
        "who": [(0, 0.7, "x"), (0.7, 1.4, "y"), (1.4, 3, "x")],
    }
    corpus = load_textgrid(talk(**tiers), speaker_tier="who")
    assert corpus.groups.tolist() == ["x", "x"]


@pytest.mark.parametrize(
    "speakers", [[(0, 1, "x"), (1, 2, "y")], [(0, 2, " ")]], ids=["equally long", "nobody"]
)
def test_intervals_without_one_speaker_are_left_out_and_named(talk, speakers):
    tiers = {"emotion": [(0, 2, "fear"), (2, 4, "joy")], "who": [*speakers, (2, 4, "x")]}
    message = r"1 of 2 labelled intervals.*talk\.TextGrid', tier 'emotion': 'fear' from 0 to 2 s"
    with pytest.warns(AudioWarning, match=message) as told:
        corpus = load_textgrid(talk(**tiers), speaker_tier="who")
    assert corpus.target.tolist() == ["joy"]
    assert corpus.skipped == {"intervals without one speaker": 1}
    assert told[0].filename == __file__


def test_a_folder_of_annotations_is_one_corpus(talk, tmp_path, write_clip):
    talk()
    write_clip(tmp_path / "talks" / "other.wav", seconds=4)
    talk(name="other", emotion=[(1, 2, "fear")])
    corpus = load_textgrid(tmp_path / "talks")
    assert corpus.target.tolist() == ["fear", "fear", "Joy"]
    assert set(corpus.frame["corpus"]) == {"talks"}
    assert len(load_textgrid([tmp_path / "talks" / "other.TextGrid"]).data) == 1


def test_several_tiers_are_read_as_one(talk):
    corpus = load_textgrid(talk(a=[(0, 1, "x")], b=[(0.5, 2, "y")]), tier=["a", "b", "c"])
    assert corpus.frame["tier"].tolist() == ["a", "b"]
    assert corpus.target.tolist() == ["x", "y"]


def test_recordings_may_be_elsewhere(talk, tmp_path, write_clip):
    file = talk()
    file.with_suffix(".wav").unlink()
    sound = write_clip(tmp_path / "sound" / "deeper" / "talk.flac", seconds=4)
    for audio in (tmp_path / "sound", sound):
        assert load_textgrid(file, audio=audio).data[0].path == sound


def test_a_command_says_where_the_recordings_are(talk, tmp_path, write_clip):
    file = talk()
    file.with_suffix(".wav").unlink()
    sound = write_clip(tmp_path / "sound" / "talk.wav", seconds=4)
    for corpus in (str(file), f"textgrid:{file.parent}"):
        assert load_corpus(corpus, audio=tmp_path / "sound").data[0].path == sound
    with pytest.raises(AudioError, match=r"folder of the recordings, .* with --audio\.$"):
        open_corpus(Source(str(file)))
    with pytest.raises(AudioError, match=r"^--audio 'gone' is neither a folder nor a file"):
        open_corpus(Source(str(file), audio=Path("gone")))


def test_a_missing_recording_is_named(talk):
    file = talk()
    file.with_suffix(".wav").unlink()
    with pytest.raises(AudioError, match=r"talk\.TextGrid': .*no recordings called 'talk\.\*'"):
        load_textgrid(file)


def test_two_recordings_of_one_name_are_refused(talk, write_clip):
    file = talk()
    write_clip(file.with_suffix(".flac"), seconds=4)
    with pytest.raises(AudioError, match=r"2 recordings called .* audio="):
        load_textgrid(file)


def test_one_recording_is_not_that_of_two_files(talk):
    files = [talk(), talk(name="other")]
    with pytest.raises(AudioError, match=r"is one recording, but there are 2 annotation files"):
        load_textgrid(files, audio=files[0].with_suffix(".wav"))


def test_a_tier_is_found_whatever_its_case_if_it_is_the_only_one(talk):
    assert load_textgrid(talk(Emotion=EMOTION)).target.tolist() == ["fear", "Joy"]
    both = {"EMOTION": [(0, 1, "sad"), (1, 4, "")], "Emotion": EMOTION}
    assert load_textgrid(talk(**both), tier="EMOTION").target.tolist() == ["sad"]
    with pytest.raises(AudioError, match="has 2 tiers named 'emotion'"):
        load_textgrid(talk(**both))


def test_the_label_of_a_command_may_name_several_tiers(talk):
    file = talk(**{"emotion@A": EMOTION, "emotion@B": [(0, 0.5, "sad"), (0.5, 4, "")]})
    corpus = load_corpus(file, label="emotion@A, emotion@B")
    assert corpus.frame["tier"].tolist() == ["emotion@A"] * 2 + ["emotion@B"]
    with pytest.raises(AudioError, match="has no tier named 'a, b'"):
        load_corpus(file, label="a, b")
    file = talk(**{"joy, fear": EMOTION})
    assert len(load_corpus(file, label="joy, fear").data) == 2


@pytest.mark.parametrize("parameters", [{"tier": "mood"}, {"speaker_tier": "mood"}])
def test_a_missing_tier_names_those_that_are_there(talk, parameters):
    message = r"talk\.TextGrid' has no tier named 'mood'\. .*\['emotion', 'who'\]\. Name one"
    with pytest.raises(AudioError, match=message):
        load_textgrid(talk(emotion=EMOTION, who=SPEAKER), **parameters)


def test_a_tier_of_points_is_refused(talk):
    with pytest.raises(AudioError, match=r"tier 'emotion' contains points in time.*\['emotion'\]"):
        load_textgrid(talk(emotion=[(1, "fear")]))


def test_an_interval_that_ends_before_it_begins_is_named(talk):
    with pytest.raises(AudioError, match=r"tier 'emotion': 'a' from 2 to 1 s has invalid times"):
        load_textgrid(talk(emotion=[(2, 1, "a")]))


def test_an_interval_that_ends_after_the_recording_is_named(talk):
    with pytest.raises(
        AudioError, match=r"'a' from 3 to 9 s ends after .*talk\.wav', which lasts 4"
    ):
        load_textgrid(talk(emotion=[(3, 9, "a")]))


def test_an_end_that_was_rounded_is_that_of_the_recording(talk):
    assert load_textgrid(talk(emotion=[(3, 4.0004, "a")])).data[0].end == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a TextGrid"),
        (b'File type = "ooTextFile"\nObject class = "PitchTier"\n', "is not a TextGrid"),
        (long_text(emotion=EMOTION)[:300], "is a damaged TextGrid"),
        (binary(emotion=EMOTION)[:60], "is a damaged TextGrid"),
    ],
    ids=["empty", "another object", "text cut off", "binary cut off"],
)
def test_what_is_no_textgrid_is_refused(talk, content, message):
    with pytest.raises(AudioError, match=rf"talk\.TextGrid' {message}.*Praat"):
        load_textgrid(talk(content))


def test_a_tier_without_labels_is_refused(talk):
    with pytest.raises(AudioError, match=r"tier 'emotion' of .* has no interval with a label"):
        load_textgrid(talk(emotion=[(0, 4, "")]))


def test_files_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(AudioError, match=r"contains no \.TextGrid files"):
        load_textgrid(tmp_path)
    with pytest.raises(AudioError, match=r"The list contains no \.TextGrid files"):
        load_textgrid([])
    with pytest.raises(AudioError, match="does not exist"):
        load_textgrid(tmp_path / "a.TextGrid")


def test_labels_can_be_mapped_and_made_canonical(talk):
    file = talk()
    assert load_textgrid(file, emotions="canonical").target.tolist() == ["fearful", "happy"]
    assert load_textgrid(file, map_labels={"fear": None}).target.tolist() == ["Joy"]


def test_what_a_timeline_wrote_is_read(talk):
    from skser.live._textgrid import textgrid

    file = talk(textgrid([(0.0, 1.0, "sad"), (1.0, 4.0, "")], "emotion"))
    assert load_textgrid(file).data[0][1:3] == (0, 1)


def test_a_command_names_the_loader_or_the_file(talk):
    file = talk(emotion=EMOTION, who=SPEAKER)
    for corpus in (str(file), f"textgrid:{file.parent}"):
        assert load_corpus(corpus, group="who").groups.tolist() == ["anna", "ben"]


def test_a_subset_keeps_what_was_skipped(talk):
    corpus = load_textgrid(talk())
    assert subset_corpus(corpus, [0]).skipped == corpus.skipped


def test_without_the_extra_it_is_named(talk, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pympi", None)
    with pytest.raises(ImportError, match=r"load_textgrid needs .*'skser\[annotations\]'"):
        load_textgrid(talk())
