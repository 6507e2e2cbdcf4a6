import os
import re
import sys

import pytest

from skser.datasets import _search_names, load_corpus, load_folder, load_ravdess
from skser.datasets._corpus import COLUMNS
from skser.exceptions import AudioError, AudioWarning


@pytest.fixture
def tree(tmp_path, write_clip):
    for name in ("anger/s1_a.wav", "anger/s2_a.FLAC", "excited/s1_b.ogg"):
        write_clip(tmp_path / "mine" / name)
    (tmp_path / "mine" / "anger" / "notes.txt").touch()
    return tmp_path / "mine"


def test_the_folder_names_the_label(tree):
    corpus = load_folder(tree)
    assert corpus.frame["label"].tolist() == ["anger", "anger", "excited"]
    assert corpus.target.tolist() == ["anger", "anger", "excited"]
    assert tuple(corpus.frame) == COLUMNS
    assert set(corpus.frame["corpus"]) == {"mine"}


@pytest.mark.parametrize(
    "label",
    [r"_([ab])", r"(?P<label>[ab])\.", re.compile("[ab](?=[.])"), lambda file: file.stem[-1]],
    ids=["first group", "named group", "whole match", "callable"],
)
def test_the_label_is_found_in_the_path(tree, label):
    assert load_folder(tree, label).target.tolist() == ["a", "a", "b"]


def test_groups_are_found_likewise(tree):
    assert load_folder(tree, group=r"s\d").groups.tolist() == ["s1", "s2", "s1"]


def test_without_group_there_are_no_groups(tree):
    assert load_folder(tree).groups is None


def test_labels_can_be_mapped_and_left_out(tree):
    corpus = load_folder(tree, map_labels={"anger": "furious", "excited": None})
    assert corpus.target.tolist() == ["furious"] * 2


def test_a_relative_folder_loads(tree, monkeypatch):
    monkeypatch.chdir(tree / "anger")
    corpus = load_folder(".")
    assert corpus.target.tolist() == ["anger"] * 2
    assert corpus.frame["duration"].notna().all()


def test_files_that_the_expression_does_not_match_are_left_out_with_a_warning(tree):
    with pytest.warns(AudioWarning, match=r"1 of 3 files are left out.*'excited/s1_b\.ogg'"):
        assert len(load_folder(tree, r"_(a)").data) == 2


def test_a_callable_leaves_files_out_by_none(tree):
    corpus = load_folder(tree, lambda file: "x" if file.suffix == ".wav" else None)
    assert corpus.target.tolist() == ["x"]


def test_an_expression_that_matches_nothing_is_refused(tree):
    with pytest.raises(AudioError, match="finds no label in any of 3 paths, such as 'anger/s1"):
        load_folder(tree, r"emotion=(\w+)")


@pytest.mark.parametrize("expression", ["", "(x)?"])
def test_an_empty_match_is_no_label(tree, expression):
    with pytest.raises(AudioError, match="finds no label"):
        load_folder(tree, expression)


def test_a_wrong_expression_is_refused(tree):
    with pytest.raises(ValueError, match=r"label='\(' is not a valid regular expression"):
        load_folder(tree, "(")


@pytest.mark.parametrize("parameter", ["label", "group"])
def test_an_expression_that_never_ends_is_refused(tree, write_clip, monkeypatch, parameter):
    monkeypatch.setattr(_search_names, "_SECONDS", 2)
    write_clip(tree / "anger" / f"{'s' * 60}.wav")
    with pytest.raises(AudioError, match=rf"{parameter}='\(s.*stopped at 'anger/s{{60}}\.wav'"):
        load_folder(tree, **{parameter: r"(s|s\d|(s+)+)(?:_[ab])"})


def test_a_pattern_of_bytes_is_refused(tree):
    with pytest.raises(TypeError, match="is a pattern of bytes"):
        load_folder(tree, re.compile(b"a"))


def test_an_expression_that_cannot_be_compiled_is_refused(tree):
    with pytest.raises(ValueError, match="is not a valid regular expression"):
        load_folder(tree, "a{99999999999}")


def test_a_file_without_group_is_refused(tree):
    with pytest.raises(AudioError, match="finds no group in 'anger/s2_a"):
        load_folder(tree, group="s1")


@pytest.mark.parametrize("nothing", ["", " ", float("nan")])
def test_an_empty_label_or_group_is_refused(tree, nothing):
    def of(file):
        return nothing if file.name == "s2_a.FLAC" else "x"

    with pytest.raises(AudioError, match=r"gives 'anger/s2_a\.FLAC' the empty label"):
        load_folder(tree, of)
    with pytest.raises(AudioError, match=r"finds no group in 'anger/s2_a\.FLAC'"):
        load_folder(tree, group=of)


@pytest.mark.parametrize(
    ("label", "group", "parameter"), [("parent", None, "label"), (r"_(.)", "parent", "group")]
)
def test_files_beside_the_folders_of_the_others_are_told(tree, write_clip, label, group, parameter):
    write_clip(tree / "s3_a.wav")
    message = f"the first is 's3_a.wav'.*the {parameter} of these files is 'mine'"
    with pytest.warns(AudioWarning, match=message) as told:
        load_folder(tree, label, group=group)
    assert told[0].filename == __file__


def test_a_folder_without_audio_is_refused(tmp_path):
    (tmp_path / "readme.txt").touch()
    with pytest.raises(AudioError, match="contain no audio"):
        load_folder(tmp_path)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(AudioError, match="is not a directory"):
        load_folder(tmp_path / "nowhere")


def test_another_kind_of_label_is_refused(tree):
    with pytest.raises(TypeError, match="label=3 is invalid: pass 'parent'"):
        load_folder(tree, 3)


def test_folders_that_are_links_are_followed(tree, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    for file in tree.rglob("*.wav"):
        file.rename(outside / file.name)
    (tree / "linked").symlink_to(outside, target_is_directory=True)
    assert "linked" in load_folder(tree).target


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("load", [load_folder, load_corpus, load_ravdess])
def test_a_name_that_is_not_utf8_is_named(tree, load):
    file = os.fsencode(tree) + b"/anger/caf\xe9.wav"
    os.rename(tree / "anger" / "s1_a.wav", file)
    with pytest.raises(AudioError, match=r"caf\\udce9\.wav': the name is not UTF-8.*Rename"):
        load(str(tree))
