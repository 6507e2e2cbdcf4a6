import copy
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from skser import (
    RMS,
    AddNoise,
    Audio,
    AudioError,
    LoadAudio,
    Segment,
    make_audio_union,
    make_emotional_speech,
    with_speakers,
)
from skser.audio._load import clip_duration, load_clip
from skser.extraction._identity import identify_clips


@pytest.fixture
def wav(tmp_path, rng):
    path = str(tmp_path / "a.wav")
    soundfile.write(path, rng.normal(scale=0.1, size=4000), 8000)
    return path


def test_each_kind_of_clip_gets_its_speaker(wav):
    clips = [wav, Path(wav), Segment(wav, 0.1, 0.2), Audio(np.ones(5), 8000), np.ones(5)]
    named = with_speakers(clips, ["a", "b", "c", "d", "e"], sr=16000)
    assert [clip.speaker for clip in named] == ["a", "b", "c", "d", "e"]
    assert named[0] == Segment(wav, 0.0, None, "a")
    assert named[1].path == Path(wav)
    assert named[2] == Segment(wav, 0.1, 0.2, "c")
    assert (named[3].sr, named[4].sr) == (8000, 16000)


def test_a_corpus_takes_one_line():
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    clips = with_speakers(speech.data, speech.groups)
    assert clips.shape == speech.data.shape
    assert [clip.speaker for clip in clips] == speech.groups.tolist()


@pytest.mark.parametrize(
    "groups", [[1, 2], (1, 2), np.array([1, 2]), np.int8([1, 2]), pd.Series([1, 2], index=[7, 7])]
)
def test_numbers_become_those_of_python(wav, groups):
    speakers = [clip.speaker for clip in with_speakers([wav, wav], groups)]
    assert speakers == [1, 2]
    assert {type(speaker) for speaker in speakers} == {int}


def test_a_speaker_is_replaced(wav):
    assert with_speakers([Segment(wav, speaker="old")], ["new"])[0].speaker == "new"


def test_rows_of_a_table_become_sounds():
    clips = with_speakers(np.ones((2, 100)), ["a", "b"], sr=8000)
    assert [clip.y.shape for clip in clips] == [(100,), (100,)]


@pytest.mark.parametrize(
    "speaker",
    [None, np.nan, float("nan"), pd.NA, "", "  ", 1.5, True, ("a",), b"a"],
    ids=repr,
)
def test_what_names_nobody_is_refused(wav, speaker):
    with pytest.raises(
        AudioError, match=r"groups\[1\]: the speaker is .*, which is not a valid name"
    ):
        with_speakers([wav, wav], ["a", speaker])


@pytest.mark.parametrize("speaker", [np.nan, "", 1.5], ids=repr)
def test_a_clip_whose_speaker_names_nobody_is_refused_by_every_feature(wav, speaker):
    with pytest.raises(AudioError, match=r"X\[1\] '.*a\.wav': the speaker is .*, which is not"):
        RMS().fit([wav, Segment(wav, speaker=speaker)])


def test_text_and_numbers_are_not_mixed(wav):
    with pytest.raises(
        AudioError, match=r"text \('a'\), and others are numbers \(3\)\. Use the same"
    ):
        with_speakers([wav, wav], ["a", 3])


@pytest.mark.parametrize("groups", [["a"], ["a", "b", "c"]])
def test_there_is_one_speaker_for_each_clip(wav, groups):
    with pytest.raises(AudioError, match=f"groups has {len(groups)} speakers, but X has 2 clips"):
        with_speakers([wav, wav], groups)


@pytest.mark.parametrize("groups", ["ab", 3, {"a", "b"}, {"a": 1, "b": 2}])
def test_one_speaker_is_not_many(wav, groups):
    with pytest.raises(AudioError, match="but a list with one speaker per clip is expected"):
        with_speakers([wav, wav], groups)


def test_unknown_speakers_are_explained(wav):
    with pytest.raises(
        AudioError, match="groups is None, because the speaker of at least one clip"
    ):
        with_speakers([wav], None)


def test_arrays_need_a_sample_rate():
    with pytest.raises(AudioError, match=r"X\[0\] array of shape \(5,\): an array has no sample"):
        with_speakers([np.ones(5)], ["a"])


@pytest.mark.parametrize("clip", [Segment("a.wav", 1, 2, "a"), Segment("a.wav", speaker=3)])
def test_a_segment_equals_its_copies_and_not_those_of_another_speaker(clip):
    assert pickle.loads(pickle.dumps(clip)) == copy.copy(clip) == clip
    assert clip != clip._replace(speaker="b")
    assert eval(repr(clip), {"Segment": Segment}) == clip


def test_samples_keep_their_speaker_in_a_pickle():
    clip = pickle.loads(pickle.dumps(Audio(np.ones(3), 8000, "a")))
    assert (clip.sr, clip.speaker) == (8000, "a")


def test_pickles_from_before_clips_had_speakers_open():
    old = (
        b"\x80\x04\x95@\x00\x00\x00\x00\x00\x00\x00\x8c\x12skser.audio._items\x94\x8c\x07Segment"
        b"\x94\x93\x94\x8c\x05a.wav\x94G?\xf0\x00\x00\x00\x00\x00\x00G@\x00\x00\x00\x00\x00\x00"
        b"\x00\x87\x94\x81\x94."
    )
    assert pickle.loads(old) == Segment("a.wav", 1.0, 2.0)


def test_the_sound_does_not_depend_on_the_speaker(wav):
    np.testing.assert_array_equal(
        load_clip(Segment(wav, speaker="a"), 8000), load_clip(wav, 8000), strict=True
    )
    assert clip_duration(Segment(wav, speaker="a"), 8000) == 0.5
    assert len(load_clip(Segment(wav, 0.1, None, "a"), 8000)) == 3200


def test_the_key_of_a_store_does_not_depend_on_the_speaker(wav):
    y = np.ones(5)
    keys = identify_clips(
        [wav, *(Segment(wav, speaker=s) for s in (None, "a")), Audio(y, 8000), Audio(y, 8000, "a")]
    )
    assert keys[0] == keys[1] == keys[2] is not None
    assert keys[3] == keys[4] is not None
    parts = identify_clips([Segment(wav, 0, 0.5), Segment(wav, 0, 0.5, "a"), Segment(wav, 0.1)])
    assert parts[0] == parts[1] != keys[0]
    assert parts[2] not in (None, parts[0], keys[0])


def test_a_named_clip_is_not_read_again(wav, tmp_path, reads):
    union = make_audio_union(RMS(), memory=tmp_path / "store").fit([wav])
    union.transform([wav])
    reads.clear()
    union.transform(with_speakers([wav], ["a"]))
    assert reads == []


def test_sounds_made_of_a_clip_keep_its_speaker(wav):
    [clip] = LoadAudio(sr=16000).fit_transform([Segment(wav, speaker="a")])
    assert clip.speaker == "a"
    clips, _ = AddNoise(random_state=0).fit_resample([Segment(wav, speaker="a")], ["sad"])
    assert [clip.speaker for clip in clips] == ["a", "a"]
