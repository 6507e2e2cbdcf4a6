"""What holds for every corpus, on miniature trees."""

import re
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from skser import datasets
from skser.datasets import list_corpora
from skser.datasets._corpus import COLUMNS
from skser.datasets._emotions import COMMON_EMOTIONS
from skser.datasets._fetch import CARDS
from skser.datasets._load_corpus import kind_of_corpus
from skser.exceptions import AudioError, AudioWarning

# As in the official archives, and what is expected of each file.
TREES = {
    "crema_d": {
        "AudioWAV/1001_IEO_ANG_HI.wav": {
            "speaker": "1001",
            "sex": "male",
            "sentence": "It's eleven o'clock",
            "emotion": "angry",
            "label": "ANG",
            "intensity": "high",
        },
        "AudioWAV/1002_MTI_SAD_XX.wav": {
            "speaker": "1002",
            "sex": "female",
            "sentence": "Maybe tomorrow it will be cold",
            "emotion": "sad",
            "label": "SAD",
            "intensity": None,
        },
        "AudioWAV/1040_ITH_SAD_X.wav": {"speaker": "1040", "emotion": "sad"},
    },
    "emo_db": {
        "wav/03a01Fa.wav": {
            "speaker": "03",
            "sex": "male",
            "sentence": "Der Lappen liegt auf dem Eisschrank.",
            "emotion": "happy",
            "label": "F",
            "intensity": None,
        },
        "wav/08b10Lc.wav": {"speaker": "08", "sex": "female", "emotion": "bored", "label": "L"},
        "wav/16b02Wb.wav": {"speaker": "16", "sex": "female", "emotion": "angry", "label": "W"},
    },
    "emov_db": {
        "bea/Angry/anger_1-28_0011.wav": {
            "speaker": "bea",
            "sex": "female",
            "sentence": "0011",
            "emotion": "angry",
            "label": "anger",
        },
        "jenie_Sleepy/sleepiness_1-28_0011.wav": {"speaker": "jenie", "emotion": "sleepy"},
        "josh_Amused/amused_1-15_0003.wav": {"speaker": "josh", "sex": "male", "emotion": "amused"},
    },
    "ravdess": {
        "Actor_01/03-01-05-02-01-02-01.wav": {
            "speaker": "01",
            "sex": "male",
            "sentence": "Kids are talking by the door",
            "emotion": "angry",
            "label": "angry",
            "intensity": "strong",
        },
        "Actor_02/03-01-07-01-02-01-02.wav": {
            "speaker": "02",
            "sex": "female",
            "emotion": "disgusted",
            "label": "disgust",
        },
    },
    "savee": {
        "DC/a01.wav": {
            "speaker": "DC",
            "sex": "male",
            "sentence": "common01",
            "emotion": "angry",
            "label": "a",
        },
        "DC/n03.wav": {"speaker": "DC", "sentence": "common03", "emotion": "neutral"},
        "DC/n30.wav": {"speaker": "DC", "sentence": None, "emotion": "neutral"},
        "KL/sa07.wav": {"speaker": "KL", "sentence": "sa07", "emotion": "sad", "label": "sa"},
        "KL/su01.wav": {"speaker": "KL", "sentence": "common01", "emotion": "surprised"},
    },
    "tess": {
        "OAF_neutral/OA_bite_neutral.wav": {"speaker": "OAF", "sentence": "Say the word bite"},
        "OAF_angry/OAF_back_angry.wav": {
            "speaker": "OAF",
            "sex": "female",
            "sentence": "Say the word back",
            "emotion": "angry",
            "label": "angry",
        },
        "YAF_pleasant_surprised/YAF_back_ps.wav": {
            "speaker": "YAF",
            "emotion": "surprised",
            "label": "ps",
        },
    },
}
WITHOUT_FOLDERS = sorted(set(TREES) - {"emov_db", "savee"})
UNKNOWN_CODES = {
    "crema_d": "1001_IEO_ANX_HI.wav",
    "emo_db": "03a01Xa.wav",
    "emov_db": "bea/boredom_1-28_0001.wav",
    "ravdess": "03-01-09-01-01-01-01.wav",
    "tess": "OAF_back_bored.wav",
}


def loader(name):
    return getattr(datasets, f"load_{name}")


@pytest.fixture(params=sorted(TREES))
def name(request):
    return request.param


@pytest.fixture
def tree(name, tmp_path, write_clip):
    for file in TREES[name]:
        write_clip(tmp_path / name / file)
    return tmp_path / name


def test_every_corpus_has_a_card_a_loader_a_fetcher_and_a_miniature():
    assert set(CARDS) == set(TREES) == set(list_corpora().index)
    for name in CARDS:
        assert {f"load_{name}", f"fetch_{name}"} <= set(datasets.__all__)


def test_a_card_is_complete(name):
    card = CARDS[name]
    assert card.title.startswith(f"{card.acronym}: ")
    assert card.url.startswith("http")
    assert card.licence and card.file_names and card.faults and card.how_to_get
    assert re.match(r"\s*@\w+\{\w+,", card.bibtex)
    assert set(card.counts) <= set(COMMON_EMOTIONS)
    assert card.n_clips == sum(card.counts.values())
    with pytest.raises(FrozenInstanceError):
        card.name = "other"


def test_the_description_holds_the_card(name, tree):
    card, text = CARDS[name], loader(name)(tree).DESCR
    flat = " ".join(text.split())
    for part in (card.title, card.url, card.licence, *card.faults, f"{card.n_clips} in the full"):
        assert part in flat
    assert "@" in text


def test_every_file_is_read_as_its_name_says(name, tree):
    frame = loader(name)(tree).frame
    assert len(frame) == len(TREES[name])
    rows = {row["path"]: row for row in frame.to_dict("records")}
    for file, expected in TREES[name].items():
        row = rows[str(tree / file)]
        for column, value in expected.items():
            assert row[column] == value if value is not None else pd.isna(row[column])


def test_a_folder_is_known_by_the_names_of_its_files(name, tree):
    assert kind_of_corpus(str(tree)) == (name, str(tree))


def test_every_frame_has_the_one_schema(name, tree):
    frame = loader(name)(tree).frame
    assert tuple(frame)[: len(COLUMNS)] == COLUMNS
    assert frame[["start", "end"]].isna().all(axis=None)
    assert set(frame["corpus"]) == {name}
    assert set(frame["language"]) == set(CARDS[name].languages)
    assert set(frame["emotion"]) <= set(CARDS[name].counts)
    assert frame["duration"].tolist() == pytest.approx([0.1] * len(frame))
    assert frame["sample_rate"].tolist() == [8000] * len(frame)


def test_the_bunch_agrees_with_its_frame(name, tree):
    corpus = loader(name)(tree)
    assert corpus.data.tolist() == corpus.frame["path"].tolist()
    assert corpus.target.tolist() == corpus.frame["emotion"].tolist()
    assert corpus.groups.tolist() == corpus.frame["speaker"].tolist()
    assert corpus.target_names == sorted(set(corpus.target))
    assert corpus.data.dtype == corpus.target.dtype == corpus.groups.dtype == object


def test_clips_are_sorted_by_speaker_and_name(name, tree):
    corpus = loader(name)(tree)
    keys = [(g, p.split("/")[-1].lower()) for g, p in zip(corpus.groups, corpus.data, strict=True)]
    assert keys == sorted(keys)


def test_stray_files_are_passed_over(name, tree, write_clip):
    n_clips = len(loader(name)(tree).data)
    first = next(iter(TREES[name]))
    (tree / ".DS_Store").touch()
    (tree / "readme.txt").touch()
    (tree / first).with_suffix(".txt").touch()
    (tree / first).with_name("._" + first.split("/")[-1]).touch()
    write_clip(tree / "__MACOSX" / first)
    write_clip(tree / "recording of mine.wav")
    corpus = loader(name)(tree)
    assert len(corpus.data) == n_clips
    assert ":Skipped: 1 audio files" in corpus.DESCR


@pytest.mark.parametrize("suffix", [".WAV", ".flac", ".Ogg", ".mp3"])
def test_any_format_and_case_is_found(name, tree, write_clip, suffix):
    first = next(iter(TREES[name]))
    (tree / first).unlink()
    other = write_clip((tree / first).with_suffix(suffix), seconds=0.5)
    corpus = loader(name)(tree)
    assert other in corpus.data
    assert len(corpus.data) == len(TREES[name])


@pytest.mark.parametrize("name", WITHOUT_FOLDERS, indirect=True)
def test_a_flat_folder_is_found(name, tree, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for file in TREES[name]:
        (tree / file).rename(flat / file.split("/")[-1])
    assert len(loader(name)(flat).data) == len(TREES[name])


def test_a_clip_that_is_there_twice_is_taken_once(name, tree, write_clip):
    for file in TREES[name]:
        write_clip(tree / "copy" / file)
    with pytest.warns(AudioWarning, match=f"{len(TREES[name])} clips occur more than once"):
        corpus = loader(name)(tree)
    assert sorted(corpus.data) == sorted(str(tree / file) for file in TREES[name])


def test_of_two_formats_of_a_clip_the_lossless_one_is_taken(name, tree, write_clip):
    for file in TREES[name]:
        write_clip((tree / "AudioMP3" / file).with_suffix(".mp3"), seconds=0.5)
    assert sorted(loader(name)(tree).data) == sorted(str(tree / file) for file in TREES[name])


def test_an_unreadable_file_stays_in_without_a_duration(name, tree):
    first = next(iter(TREES[name]))
    (tree / first).write_bytes(b"no audio")
    frame = loader(name)(tree).frame
    assert len(frame) == len(TREES[name])
    bad = frame[frame["path"] == str(tree / first)]
    assert bad[["duration", "sample_rate"]].isna().all(axis=None)


def test_pointers_of_git_lfs_are_refused(name, tree):
    for file in TREES[name]:
        (tree / file).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(AudioError, match=r"git-lfs pointers.*git lfs pull"):
        loader(name)(tree)


def test_a_folder_without_the_corpus_is_refused(name, tmp_path, write_clip):
    write_clip(tmp_path / "something else.wav")
    with pytest.raises(AudioError, match=f"contain no {CARDS[name].acronym} speech.*named like"):
        loader(name)(tmp_path)


def test_a_missing_folder_is_refused(name, tmp_path):
    with pytest.raises(AudioError, match=f"is not a directory.*{CARDS[name].acronym}"):
        loader(name)(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "file"),
    [*UNKNOWN_CODES.items(), ("crema_d", "1092_IEO_ANG_HI.wav")],
    indirect=["name"],
)
def test_an_unknown_code_is_refused(name, file, tree, write_clip):
    write_clip(tree / file)
    with pytest.raises(AudioError, match=f"is not a code of {CARDS[name].acronym}"):
        loader(name)(tree)
