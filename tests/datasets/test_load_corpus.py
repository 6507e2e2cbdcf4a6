from pathlib import Path

import pandas as pd
import pytest

from skser.datasets import load_corpus, load_folder, load_ravdess
from skser.datasets._load_corpus import kind_of_corpus
from skser.exceptions import AudioError, AudioWarning

SPEECH = ("Actor_01/03-01-05-02-01-02-01.wav", "Actor_02/03-01-04-01-01-01-02.wav")


@pytest.fixture
def ravdess_tree(tmp_path, write_clip):
    for name in SPEECH:
        write_clip(tmp_path / "clips" / name)
    return tmp_path / "clips"


def test_a_folder_is_known_by_the_names_of_all_its_files(ravdess_tree):
    assert kind_of_corpus(str(ravdess_tree)) == ("ravdess", str(ravdess_tree))
    corpus = load_corpus(str(ravdess_tree))
    assert corpus.frame.equals(load_ravdess(ravdess_tree).frame)


@pytest.mark.parametrize("names", [SPEECH, SPEECH[:1]], ids=["m4a", "m4a and wav"])
def test_a_folder_is_known_whatever_the_format_of_its_audio(ravdess_tree, names):
    for name in names:
        file = ravdess_tree / name
        file.rename(file.with_suffix(".m4a"))
    (ravdess_tree / "Actor_01" / "01-01-05-02-01-02-01.mp4").touch()
    assert kind_of_corpus(str(ravdess_tree))[0] == "ravdess"
    assert load_corpus(str(ravdess_tree)).groups.tolist() == ["01", "02"]


def test_folders_of_a_known_corpus_are_no_labels_without_a_warning(ravdess_tree):
    with pytest.warns(AudioWarning, match=r"named like the clips of ravdess.*Use load_ravdess"):
        assert load_folder(ravdess_tree).target_names == ["Actor_01", "Actor_02"]
    emotions = load_folder(ravdess_tree, r"-(\d+)(-\d+){4}\.wav", group="parent")
    assert len(emotions.data) == 2


def test_an_unknown_code_is_an_error_and_no_other_corpus(ravdess_tree, write_clip):
    write_clip(ravdess_tree / "Actor_01" / "03-01-09-01-01-01-01.wav")
    message = r"09 is not a code of RAVDESS.*If the folder is not RAVDESS, pass 'folder:.*clips'"
    with pytest.raises(AudioError, match=message):
        load_corpus(str(ravdess_tree))
    assert load_corpus(f"folder:{ravdess_tree}").target_names == ["Actor_01", "Actor_02"]


def test_an_unknown_code_is_an_error_even_where_no_name_is_known(tmp_path, write_clip):
    write_clip(tmp_path / "Actor_01" / "03-01-09-01-01-01-01.wav")
    with pytest.raises(AudioError, match="09 is not a code of RAVDESS"):
        load_corpus(str(tmp_path))


def test_clips_of_an_unknown_speaker_are_an_error(tmp_path, write_clip):
    write_clip(tmp_path / "flat" / "anger_1-28_0001.wav")
    with pytest.raises(AudioError, match=r"nor a folder above it names the speaker.*not EmoV-DB"):
        load_corpus(str(tmp_path))


@pytest.mark.parametrize(
    ("others", "message"),
    [
        (
            ["mine/recording.wav"],
            r"2 of 3 audio files .* other file is .*recording\.wav'",
        ),
        (["a/1.wav", "a/2.wav", "a/3.wav"], r"2 of 5 audio files .* 'folder:.*' to load all"),
        (["Actor_01/03-02-05-02-01-02-01.wav"], "Pass 'ravdess:.*' to load only RAVDESS"),
        (["wav/03a01Fa.wav"], "2 of 3 audio files .* named like the clips of RAVDESS"),
    ],
    ids=["stray file", "most are other files", "songs", "another corpus"],
)
def test_a_folder_that_is_partly_a_known_corpus_is_not_guessed(
    ravdess_tree, write_clip, others, message
):
    for name in others:
        write_clip(ravdess_tree / name)
    with pytest.raises(AudioError, match=message):
        load_corpus(str(ravdess_tree))
    assert len(load_corpus(f"ravdess:{ravdess_tree}").data) == 2
    assert len(load_corpus(f"folder:{ravdess_tree}").data) == 2 + len(others)


def test_a_copy_of_every_clip_does_not_make_it_another_corpus(ravdess_tree, write_clip):
    for name in SPEECH:
        write_clip(ravdess_tree / "copy" / name)
    with pytest.warns(AudioWarning, match="2 clips occur more than once"):
        assert load_corpus(str(ravdess_tree)).groups.tolist() == ["01", "02"]


def test_names_that_only_look_like_those_of_a_corpus_are_of_a_folder(tmp_path, write_clip):
    write_clip(tmp_path / "excited" / "take_1-28_0001.wav")
    write_clip(tmp_path / "sad" / "a01.wav")
    assert load_corpus(str(tmp_path)).target_names == ["excited", "sad"]


@pytest.mark.parametrize("corpus", ["", "ravdess:", "folder:"])
def test_an_empty_path_is_not_the_current_folder(ravdess_tree, monkeypatch, corpus):
    monkeypatch.chdir(ravdess_tree)
    with pytest.raises(AudioError, match=r"names no path|is neither a folder"):
        load_corpus(corpus)
    with pytest.raises(AudioError, match="The path is empty"):
        load_ravdess("")


def test_a_path_need_not_be_text(ravdess_tree, tmp_path):
    assert load_corpus(ravdess_tree).frame.equals(load_corpus(str(ravdess_tree)).frame)
    table = tmp_path / "table.csv"
    table.write_text(f"path,label,speaker\n{ravdess_tree / SPEECH[0]},angry,1\n", encoding="utf-8")
    assert load_corpus(table).target.tolist() == ["angry"]


@pytest.mark.parametrize("name", ["synthetic", "ravdess:clips"])
def test_a_path_is_the_name_of_nothing_else(name, ravdess_tree, monkeypatch):
    monkeypatch.chdir(ravdess_tree.parent)
    with pytest.raises(AudioError, match=f"'{name}' is neither a folder nor a table"):
        load_corpus(Path(name))


@pytest.mark.parametrize(
    ("corpus", "what"),
    [(None, "None"), (3, "of type int"), (pd.DataFrame({"path": []}), "of type DataFrame")],
)
def test_what_is_neither_text_nor_a_path_is_refused(corpus, what):
    with pytest.raises(AudioError, match=f"corpus is {what}, but must be text or a path. Pass a"):
        load_corpus(corpus)
