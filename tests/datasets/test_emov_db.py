import pytest

from skser.datasets import load_emov_db
from skser.exceptions import AudioError


def test_the_folder_of_one_archive_can_be_passed(tmp_path, write_clip):
    write_clip(tmp_path / "sam_Angry" / "anger_1-28_0001.wav")
    assert load_emov_db(tmp_path / "sam_Angry").groups.tolist() == ["sam"]


def test_a_folder_above_the_one_passed_is_no_speaker(tmp_path, write_clip):
    write_clip(tmp_path / "sam" / "corpora" / "anger_1-28_0001.wav")
    with pytest.raises(AudioError, match="nor a folder above it names the speaker"):
        load_emov_db(tmp_path / "sam" / "corpora")


def test_one_name_of_two_speakers_is_two_clips(tmp_path, write_clip):
    for speaker in ("bea", "sam"):
        write_clip(tmp_path / speaker / "anger_1-28_0001.wav")
    assert len(load_emov_db(tmp_path).data) == 2


@pytest.mark.parametrize("folder", ["sam-copy", "sam_old", "sam.v2", "josh 2"])
def test_a_folder_that_only_begins_like_a_speaker_is_none(tmp_path, write_clip, folder):
    write_clip(tmp_path / "BEA_angry" / folder / "anger_1-28_0001.wav")
    assert load_emov_db(tmp_path).groups.tolist() == ["bea"]


def test_a_name_that_is_no_emotion_and_under_no_speaker_is_of_another_corpus(tmp_path, write_clip):
    write_clip(tmp_path / "sam_Angry" / "anger_1-28_0001.wav")
    write_clip(tmp_path / "mine" / "take_1-28_0001.wav")
    assert load_emov_db(tmp_path).groups.tolist() == ["sam"]
