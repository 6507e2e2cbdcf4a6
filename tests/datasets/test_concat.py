import numpy as np
import pytest

from skser.datasets import concat_corpora, load_folder, load_table, make_emotional_speech
from skser.datasets._corpus import COLUMNS
from skser.exceptions import AudioWarning


@pytest.fixture
def corpora(tmp_path, write_clip):
    for corpus, label in (("one", "calm"), ("two", "sad"), ("two", "surprise")):
        for speaker in ("s1", "s2"):
            write_clip(tmp_path / corpus / label / f"{speaker}.wav")
    return [load_folder(tmp_path / corpus, group=r"s\d") for corpus in ("one", "two")]


def test_clips_come_one_corpus_after_the_other(corpora):
    joined = concat_corpora(corpora)
    assert joined.data.tolist() == [path for corpus in corpora for path in corpus.data]
    assert joined.target.tolist() == ["calm"] * 2 + ["sad"] * 2 + ["surprise"] * 2
    assert tuple(joined.frame) == COLUMNS
    assert joined.frame.index.tolist() == list(range(6))


def test_speakers_of_one_name_in_two_corpora_are_two(corpora):
    joined = concat_corpora(corpora)
    assert sorted(set(joined.groups)) == ["one/s1", "one/s2", "two/s1", "two/s2"]
    assert joined.frame["speaker"].tolist() == joined.groups.tolist()


def test_joining_again_leaves_the_names_as_they_are(corpora):
    joined = concat_corpora([concat_corpora(corpora[:1]), corpora[1]])
    assert joined.groups.tolist() == concat_corpora(corpora).groups.tolist()


def test_classes_can_be_merged_and_left_out(corpora):
    joined = concat_corpora(corpora, map_labels={"calm": "neutral", "surprised": None})
    assert joined.target.tolist() == ["neutral"] * 2 + ["sad"] * 2
    assert joined.frame["label"].tolist() == ["calm"] * 2 + ["sad"] * 2
    assert len(joined.data) == len(joined.frame) == 4


def test_files_segments_and_audio_join(corpora, tmp_path):
    segments = load_table(
        corpora[0].frame.assign(start=0.01, end=0.05, take=1).drop(columns="corpus")
    )
    speech = make_emotional_speech(1, 1, random_state=0)
    joined = concat_corpora([corpora[0], segments, speech])
    kinds = [type(clip).__name__ for clip in joined.data]
    assert kinds == ["str"] * 2 + ["Segment"] * 2 + ["Audio"] * 5
    assert np.isnan(joined.frame["take"].iloc[0])


def test_descriptions_are_joined(corpora):
    text = concat_corpora(corpora).DESCR
    assert all(corpus.DESCR in text for corpus in corpora)


def test_without_all_speakers_there_are_no_groups(corpora, tmp_path):
    assert concat_corpora([corpora[0], load_folder(tmp_path / "two")]).groups is None


@pytest.mark.parametrize("wrong", [[], make_emotional_speech(1, 1, random_state=0)])
def test_no_list_of_corpora_is_refused(wrong):
    with pytest.raises(ValueError, match="takes a list of at least one corpus"):
        concat_corpora(wrong)


def test_a_mapping_that_leaves_nothing_is_refused(corpora):
    with pytest.raises(ValueError, match="leaves no clip"):
        concat_corpora(corpora[:1], map_labels={"calm": None})


def test_corpora_of_one_name_are_refused(corpora, tmp_path):
    other = load_folder(tmp_path / "two", group=r"s\d", name="one")
    with pytest.raises(
        ValueError, match=r"Two corpora are called 'one'.*Pass name= to load_folder"
    ):
        concat_corpora([concat_corpora(corpora), other])


def test_two_names_of_one_emotion_are_told(corpora):
    corpora[0].frame["emotion"] = "surprised"
    with pytest.warns(AudioWarning, match=r"'surprise' and 'surprised' are two classes") as told:
        joined = concat_corpora(corpora)
    assert joined.target_names == ["sad", "surprise", "surprised"]
    assert told[0].filename == __file__
    concat_corpora(corpora, map_labels={"surprise": "surprised"})


def test_what_the_corpora_skipped_is_added_up(corpora):
    corpora[0].skipped = {"empty intervals": 2}
    corpora[1].skipped = {"empty intervals": 1, "other files": 1}
    assert concat_corpora(corpora).skipped == {"empty intervals": 3, "other files": 1}
