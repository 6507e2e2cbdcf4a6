import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.utils import Bunch

from skser.datasets import (
    check_leakage,
    load_folder,
    load_table,
    make_emotional_speech,
    speaker_split,
)

LEAKS = ["speakers", "sentences", "recordings", "overlapping", "identical"]


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_speakers=6, n_per_class=3, sr=8000, random_state=0)


def test_speaker_disjoint_folds_share_sentences_only(speech):
    table = check_leakage(speech, StratifiedGroupKFold(3))
    assert table[LEAKS].to_numpy().tolist() == [[0, 3, 0, 0, 0]] * 3
    assert (table["n_train"] + table["n_test"] == len(speech.data)).all()
    assert table.index.name == "fold"


def test_sentence_disjoint_folds_share_speakers_only(speech):
    table = check_leakage(speech, GroupKFold(3), groups=speech.frame["sentence"])
    assert table[LEAKS].to_numpy().tolist() == [[6, 0, 0, 0, 0]] * 3


@pytest.mark.parametrize(
    "cv",
    [
        3,
        StratifiedKFold(3, shuffle=True, random_state=0),
        KFold(3, shuffle=True, random_state=0),
        LeaveOneGroupOut(),
        PredefinedSplit(np.arange(90) % 2),
        [(np.arange(45), np.arange(45, 90))],
        [(np.arange(90) < 45, np.arange(90) >= 45)],
    ],
    ids=["number", "stratified", "plain", "groups", "predefined", "indices", "masks"],
)
def test_any_splitter_is_checked(speech, cv):
    table = check_leakage(speech, cv)
    assert (table["n_train"] + table["n_test"] == 90).all()


def test_identical_clips_on_both_sides_are_counted(tmp_path, write_clip):
    for i in range(6):
        write_clip(tmp_path / ("sad", "calm")[i % 2] / f"{i}.wav")
    (tmp_path / "sad" / "copy.wav").write_bytes((tmp_path / "calm" / "1.wav").read_bytes())
    corpus = load_folder(tmp_path)
    names = pd.Series(corpus.data).str.rsplit("/").str[-1].to_numpy()
    on_both = [(np.flatnonzero(names == "1.wav"), np.flatnonzero(names != "1.wav"))]
    on_one = [(np.flatnonzero(names == "0.wav"), np.flatnonzero(names != "0.wav"))]
    assert check_leakage(corpus, on_both)["identical"].tolist() == [1]
    assert check_leakage(corpus, on_one)["identical"].tolist() == [0]


def test_parts_of_one_recording_on_both_sides_are_counted(tmp_path, write_clip):
    write_clip(tmp_path / "a.wav", seconds=3)
    write_clip(tmp_path / "b.wav", seconds=3)
    corpus = load_table(
        pd.DataFrame(
            {
                "path": ["a.wav", "a.wav", "a.wav", "b.wav", "b.wav"],
                "start": [0, 1, 0.5, 0, 2],
                "end": [1, 2, 1.5, 1, 3],
                "label": "sad",
            }
        ),
        root=tmp_path,
    )
    splits = [([0], [1, 2]), ([0, 1], [3, 4]), ([0, 3], [1, 4])]
    table = check_leakage(corpus, splits)
    assert table["recordings"].tolist() == [1, 0, 2]
    assert table["overlapping"].tolist() == [1, 0, 0]


def test_a_whole_file_overlaps_its_parts(tmp_path, write_clip):
    write_clip(tmp_path / "a.wav", seconds=3)
    frame = pd.DataFrame({"path": "a.wav", "start": [None, 1], "end": [None, 2], "label": "sad"})
    corpus = load_table(frame, root=tmp_path)
    assert check_leakage(corpus, [([0], [1])])["overlapping"].tolist() == [1]


def test_what_the_corpus_does_not_tell_is_missing(tmp_path, write_clip):
    for i in range(4):
        write_clip(tmp_path / ("sad", "calm")[i % 2] / f"{i}.wav")
    table = check_leakage(load_folder(tmp_path), 2)
    assert table[["speakers", "sentences"]].isna().all(axis=None)
    assert (table["identical"] == 0).all()


def test_an_unreadable_clip_is_identical_to_none(tmp_path, write_clip):
    for i in range(4):
        (tmp_path / ("sad", "calm")[i % 2]).mkdir(exist_ok=True)
        (tmp_path / ("sad", "calm")[i % 2] / f"{i}.wav").write_bytes(b"no audio")
    assert check_leakage(load_folder(tmp_path), 2)["identical"].tolist() == [0, 0]


def test_a_splitter_by_groups_needs_groups(tmp_path, write_clip):
    for i in range(4):
        write_clip(tmp_path / "sad" / f"{i}.wav")
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        check_leakage(load_folder(tmp_path), GroupKFold(2))


def test_a_wrong_splitter_is_refused(speech):
    with pytest.raises(ValueError, match="'cv' parameter of check_leakage must be"):
        check_leakage(speech, "five")


@pytest.mark.parametrize("test_size", [0.2, 0.34, 0.5, 1, 3, 5])
def test_no_speaker_is_on_both_sides(speech, test_size):
    train, test = speaker_split(speech, test_size, random_state=0)
    assert sorted([*train, *test]) == list(range(90))
    assert not set(speech.groups[train]) & set(speech.groups[test])


@pytest.mark.parametrize(("test_size", "n_speakers"), [(0.3, 2), (0.01, 1), (0.99, 5), (4, 4)])
def test_the_size_is_met_as_nearly_as_speakers_allow(speech, test_size, n_speakers):
    _, test = speaker_split(speech, test_size, random_state=0)
    assert len(set(speech.groups[test])) == n_speakers


@pytest.mark.parametrize("seed", range(5))
def test_both_sexes_are_held_out(speech, seed):
    _, test = speaker_split(speech, 1 / 3, random_state=seed)
    assert speech.frame["sex"].iloc[test].value_counts().to_dict() == {"female": 15, "male": 15}


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_balanced_where_speakers_differ(seed):
    speech = make_emotional_speech(8, 4, emotions=["sad", "happy"], sr=8000, random_state=0)
    # Half the speakers are mostly sad, the others mostly happy.
    mood = np.where(speech.frame["speaker"] <= "s04", "sad", "happy")
    kept = np.flatnonzero((speech.target == mood) | (speech.frame["repetition"] == 1))
    for field in ("data", "target", "groups"):
        speech[field] = speech[field][kept]
    speech.frame = speech.frame.iloc[kept]
    _, test = speaker_split(speech, 0.5, random_state=seed)
    share = pd.crosstab(speech.target, np.isin(np.arange(len(kept)), test), normalize="index")
    assert share[True].tolist() == pytest.approx([0.5, 0.5], abs=0.05)


def test_every_class_stays_in_training():
    speech = make_emotional_speech(4, 2, emotions=["sad", "happy"], sr=8000, random_state=0)
    speech.target[speech.groups == "s03"] = "rare"
    for seed in range(10):
        train, _ = speaker_split(speech, 1, random_state=seed)
        assert "rare" in speech.target[train]


def test_one_seed_gives_one_split(speech):
    one, two = (speaker_split(speech, 2, random_state=7)[1] for _ in range(2))
    assert one.tolist() == two.tolist()
    held_out = {tuple(speaker_split(speech, 2, random_state=seed)[1]) for seed in range(10)}
    assert len(held_out) > 1


def test_a_corpus_without_speakers_is_refused(tmp_path, write_clip):
    write_clip(tmp_path / "sad" / "a.wav")
    with pytest.raises(ValueError, match=r"speakers of the corpus are unknown.*group="):
        speaker_split(load_folder(tmp_path))


def test_too_few_speakers_are_refused(speech):
    with pytest.raises(ValueError, match="test_size=6 cannot be held out of 6 speakers"):
        speaker_split(speech, 6)


@pytest.mark.parametrize("test_size", [0, 1.0, -0.5, "half"])
def test_a_wrong_size_is_refused(speech, test_size):
    with pytest.raises(ValueError, match="'test_size' parameter of speaker_split must be"):
        speaker_split(speech, test_size)


@pytest.mark.parametrize("column", ["speaker", "sentence"])
def test_a_frame_without_a_column_does_not_tell_it(speech, column):
    corpus = Bunch(**{**speech, "frame": speech.frame.drop(columns=column)})
    assert check_leakage(corpus, 3)[f"{column}s"].isna().all()
