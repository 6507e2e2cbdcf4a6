import pytest

from skser import Segment, load_corpus, load_elan
from skser.exceptions import AudioError, AudioWarning

pytest.importorskip("pympi")

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def eaf(*tiers, media=None):
    """Return a document of tiers: dicts of id, annotations, and participant or parent."""
    slots, parts = [], []
    for tier in tiers:
        annotations = []
        for key, *where, text in tier["annotations"]:
            if len(where) == 1:
                attributes, kind = f'ANNOTATION_REF="{where[0]}"', "REF_ANNOTATION"
            else:
                places = []
                for time in where:
                    slots.append("" if time is None else f' TIME_VALUE="{time}"')
                    places.append(f"ts{len(slots)}")
                attributes = 'TIME_SLOT_REF1="{}" TIME_SLOT_REF2="{}"'.format(*places)
                kind = "ALIGNABLE_ANNOTATION"
            annotations.append(
                f'<ANNOTATION><{kind} ANNOTATION_ID="{key}" {attributes}>'
                f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></{kind}></ANNOTATION>"
            )
        more = f' PARTICIPANT="{tier["participant"]}"' if "participant" in tier else ""
        more += f' PARENT_REF="{tier["parent"]}"' if "parent" in tier else ""
        parts.append(
            f'<TIER LINGUISTIC_TYPE_REF="t" TIER_ID="{tier["id"]}"{more}>'
            f"{''.join(annotations)}</TIER>"
        )
    times = "".join(f'<TIME_SLOT TIME_SLOT_ID="ts{i}"{slot}/>' for i, slot in enumerate(slots, 1))
    linked = (
        "" if media is None else f'<MEDIA_DESCRIPTOR MEDIA_URL="{media}" MIME_TYPE="audio/x-wav"/>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0"'
        f' xmlns:xsi="{XSI}" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">{linked}</HEADER>'
        f"<TIME_ORDER>{times}</TIME_ORDER>{''.join(parts)}"
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="t" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>'
    )


EMOTION = {
    "id": "emotion",
    "annotations": [("a1", 0, 1000, "fear"), ("a2", 1000, 1500, ""), ("a3", 1500, 3000, "Joy")],
}


@pytest.fixture
def talk(tmp_path, write_clip):
    """A recording of four seconds, and a function that annotates it."""
    write_clip(tmp_path / "talk.wav", seconds=4)

    def annotate(*tiers, content=None, **parameters):
        file = tmp_path / "talk.eaf"
        file.write_text(content or eaf(*(tiers or [EMOTION]), **parameters), encoding="utf-8")
        return file

    return annotate


def test_annotations_are_segments(talk):
    file = talk()
    corpus = load_elan(file)
    sound = str(file.with_suffix(".wav"))
    assert corpus.data.tolist() == [Segment(sound, 0, 1), Segment(sound, 1.5, 3)]
    assert corpus.target.tolist() == ["fear", "Joy"]
    assert corpus.groups is None
    assert corpus.skipped == {"empty intervals": 1}


def test_the_participant_of_a_tier_is_the_speaker(talk):
    tiers = [
        {"id": f"emotion@{who}", "participant": who, "annotations": [(f"a{i}", i, i + 900, "sad")]}
        for i, who in enumerate(["Anna", "Ben"])
    ]
    corpus = load_elan(talk(*tiers), tier=["emotion@Anna", "emotion@Ben"])
    assert corpus.groups.tolist() == ["Anna", "Ben"]


def test_a_tier_of_speakers_goes_before_the_participant(talk):
    who = {"id": "who", "annotations": [("b1", 0, 2000, "x"), ("b2", 2000, 4000, "y")]}
    file = talk({**EMOTION, "participant": "Anna"}, who)
    assert load_elan(file, speaker_tier="who").groups.tolist() == ["x", "y"]


def test_annotations_without_a_speaker_are_left_out_and_named(talk):
    who = {"id": "who", "annotations": [("b1", 1500, 4000, "y")]}
    with pytest.warns(
        AudioWarning, match=r"1 of 2 .*talk\.eaf', tier 'emotion': 'fear' from 0 to 1"
    ):
        assert load_elan(talk(EMOTION, who), speaker_tier="who").groups.tolist() == ["y"]


def test_an_annotation_that_refers_to_another_has_its_time(talk):
    words = {"id": "words", "annotations": [("a1", 500, 1500, "no")]}
    between = {"id": "between", "parent": "words", "annotations": [("r1", "a1", "x")]}
    emotion = {"id": "emotion", "parent": "between", "annotations": [("r2", "r1", "fear")]}
    assert load_elan(talk(words, between, emotion)).data[0][1:3] == (0.5, 1.5)


def test_an_annotation_of_a_part_of_another_has_its_own_time(talk):
    words = {"id": "words", "annotations": [("a1", 500, 1500, "no")]}
    part = {"id": "part", "parent": "words", "annotations": [("a2", 600, 900, "n")]}
    emotion = {"id": "emotion", "parent": "part", "annotations": [("r2", "a2", "fear")]}
    assert load_elan(talk(words, part, emotion)).data[0][1:3] == (0.6, 0.9)


@pytest.mark.parametrize("media", ["file:///C:/Users/anna/my%20talk.wav", "./media/my talk.wav"])
def test_the_recording_is_the_linked_one_wherever_it_was(talk, write_clip, media):
    file = talk(media=media)
    sound = write_clip(file.parent / "my talk.wav", seconds=4)
    assert load_elan(file).data[0].path == sound


def test_a_missing_recording_is_named(talk):
    file = talk(media="file:///gone.wav")
    file.with_suffix(".wav").unlink()
    with pytest.raises(AudioError, match=r"no recordings called 'talk\.\*' or 'gone\.wav'"):
        load_elan(file)


def test_a_missing_tier_names_those_that_are_there(talk):
    with pytest.raises(AudioError, match=r"talk\.eaf' has no tier named 'mood'.*\['emotion'\]"):
        load_elan(talk(), tier="mood")


def test_annotations_without_a_time_are_refused(talk):
    tier = {"id": "emotion", "annotations": [("a1", None, 1000, "fear")]}
    with pytest.raises(AudioError, match=r"'fear' from nan to 1 s has invalid times"):
        load_elan(talk(tier))


def test_annotations_that_refer_to_each_other_are_refused(talk):
    tier = {"id": "emotion", "annotations": [("a1", "a2", "x"), ("a2", "a1", "y")]}
    with pytest.raises(AudioError, match=r"talk\.eaf' cannot be read .* in a circle"):
        load_elan(talk(tier))


@pytest.mark.parametrize("content", ["no xml", "<html></html>", eaf(EMOTION)[:900]])
def test_what_is_no_eaf_is_refused(talk, content):
    with pytest.raises(AudioError, match=r"talk\.eaf' cannot be read as an ELAN annotation file"):
        load_elan(talk(content=content))


def test_a_command_names_the_loader_or_the_file(talk):
    file = talk()
    for corpus in (str(file), f"elan:{file.parent}"):
        assert load_corpus(corpus).target.tolist() == ["fear", "Joy"]


def test_without_the_extra_it_is_named(talk, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pympi", None)
    with pytest.raises(ImportError, match=r"load_elan needs .*'skser\[annotations\]'"):
        load_elan(talk())
