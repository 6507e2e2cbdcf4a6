import os

import numpy as np
import pandas as pd
import pytest

from skser import Segment, check_clips
from skser.datasets import load_audformat, load_folder, load_table
from skser.exceptions import AudioError, AudioWarning


@pytest.fixture
def clips(tmp_path, write_clip):
    for name in ("a.wav", "b.wav"):
        write_clip(tmp_path / "clips" / name, seconds=2)
    return tmp_path / "clips"


def table(**columns):
    return pd.DataFrame({"path": ["a.wav", "b.wav"], "label": ["anger", "sad"], **columns})


def test_a_csv_file_names_paths_beside_it(clips):
    table(speaker=["01", "02"], take=[1, 2]).to_csv(clips / "list.csv", index=False)
    corpus = load_table(clips / "list.csv")
    assert corpus.data.tolist() == [str(clips / "a.wav"), str(clips / "b.wav")]
    assert corpus.target.tolist() == ["anger", "sad"]
    assert corpus.groups.tolist() == ["01", "02"]
    assert corpus.frame["take"].tolist() == [1, 2]
    assert set(corpus.frame["corpus"]) == {"list"}


def test_tabs_part_the_columns_of_a_tsv_file(clips):
    table().to_csv(clips / "list.tsv", index=False, sep="\t")
    assert len(load_table(clips / "list.tsv").data) == 2


def test_columns_can_have_other_names(clips):
    frame = table(path=["x", "x"]).assign(
        wav=["a.wav", "b.wav"], emotion=["joy", "wow"], who=[1, 2]
    )
    corpus = load_table(frame, path="wav", label="emotion", group="who", root=clips)
    assert corpus.target.tolist() == ["joy", "wow"]
    assert corpus.frame["label"].tolist() == ["joy", "wow"]
    assert corpus.groups.tolist() == ["1", "2"]
    assert corpus.frame["path"].iloc[0].endswith("a.wav")


def test_times_make_segments(clips):
    corpus = load_table(table(start=[0.5, None], end=[1.5, None]), root=clips)
    assert corpus.data[0] == Segment(str(clips / "a.wav"), 0.5, 1.5)
    assert corpus.data[1] == str(clips / "b.wav")
    assert corpus.frame["duration"].tolist() == [1, 2]


@pytest.mark.parametrize("said", [["2.5", "unbekannt"], [1, 2], [2.0, None], ["", "long"]])
def test_what_a_table_says_of_durations_stands_beside_those_of_the_files(clips, said):
    frame = load_table(table(duration=said, sample_rate=[11025, 11025]), root=clips).frame
    assert frame["duration"].tolist() == [2, 2]
    expected = pd.Series(said)
    kept = frame["duration (table)"]
    assert kept[expected.notna()].tolist() == expected.dropna().tolist()
    assert frame["sample_rate (table)"].tolist() == [11025, 11025]


def test_durations_of_a_table_that_are_those_of_the_files_stand_once(clips):
    frame = load_table(table(duration=["2.0", "2"]), root=clips).frame
    assert frame["duration"].tolist() == [2, 2]
    assert "duration (table)" not in frame


@pytest.mark.parametrize(
    ("start", "end", "segment"), [(0.5, None, (0.5, 2.0)), (None, 1.5, (0.0, 1.5))]
)
def test_a_missing_time_is_that_of_the_file(clips, start, end, segment):
    corpus = load_table(table(start=[start] * 2, end=[end] * 2), root=clips)
    assert corpus.data[0][1:3] == segment


def test_the_frame_of_a_corpus_loads_as_it_was(clips, tmp_path, monkeypatch):
    corpus = load_folder(clips, r"^(\w)", group=r"^(\w)")
    corpus.frame.to_csv(tmp_path / "saved.csv", index=False)
    again = load_table(tmp_path / "saved.csv")
    pd.testing.assert_frame_equal(again.frame, corpus.frame)
    assert again.data.tolist() == corpus.data.tolist()


def test_the_tables_own_emotion_is_kept_where_no_mapping_tells_otherwise(clips):
    frame = table(emotion=["calm", "calm"])
    assert load_table(frame, root=clips).target.tolist() == ["calm", "calm"]
    mapped = load_table(frame, root=clips, map_labels={"sad": "low"})
    assert mapped.target.tolist() == ["calm", "low"]


def test_a_label_can_be_left_out(clips):
    corpus = load_table(table(take=[1, 2]), root=clips, map_labels={"anger": None})
    assert corpus.target.tolist() == ["sad"]
    assert corpus.frame["take"].tolist() == [2]


def test_without_speakers_there_are_no_groups(clips):
    assert load_table(table(), root=clips).groups is None


def test_missing_files_are_refused(clips):
    frame = table(path=["a.wav", "c.wav"])
    with pytest.raises(AudioError, match=r"1 of 2 files.*row 1.*c\.wav'\).*Pass another root="):
        load_table(frame, root=clips)


def test_missing_files_are_named_by_their_lines_ten_at_most(clips):
    paths = ["a.wav", *(f"x{i}.wav" for i in range(12))]
    rows = "".join(f"{path},sad\n" for path in paths)
    # Lines that hold nothing count too.
    (clips / "list.csv").write_text(f"\nsep=,\npath,label\n\n{rows}")
    with pytest.raises(AudioError) as caught:
        load_table(clips / "list.csv")
    assert "12 of 13 files of the table are missing (line 6: " in str(caught.value)
    assert "x9.wav' and 2 more)" in str(caught.value)
    assert "x10.wav" not in str(caught.value)


def test_a_root_that_is_no_folder_is_named(clips):
    with pytest.raises(AudioError, match=r"^root='.*nowhere' is not a folder .* relative paths"):
        load_table(table(), root=str(clips / "nowhere"))
    with pytest.raises(AudioError, match=r"^root='nowhere' is not a folder"):
        load_audformat(pd.DataFrame({"file": ["a.wav"], "emotion": ["sad"]}), root="nowhere")


def test_missing_files_may_be_kept_like_damaged_ones(clips):
    frame = table(path=["a.wav", "c.wav"])
    corpus = load_table(frame, root=clips, missing="keep")
    assert check_clips(corpus).index.tolist() == [1]
    assert np.isnan(corpus.frame["duration"][1])
    with pytest.raises(AudioError, match="2 of 2 files of the table are missing"):
        load_table(table(path=["c.wav", "d.wav"]), root=clips, missing="keep")
    with pytest.raises(ValueError, match=r"missing='skip' is unknown\. Pass 'raise' or 'keep'"):
        load_table(frame, root=clips, missing="skip")


def test_rows_without_a_label_are_left_out_and_counted(clips):
    frame = table(path=["gone.wav", "a.wav", "b.wav", "a.wav"], label=[None, "sad", "calm", " "])
    with pytest.warns(AudioWarning, match=r"2 of 4 rows .* no label .* first is row 0 \(from 0\)"):
        corpus = load_table(frame, root=clips)
    assert corpus.target.tolist() == ["sad", "calm"]
    assert corpus.skipped == {"rows without a label": 2}


def test_errors_name_the_right_row_beside_rows_without_a_label(clips):
    frame = table(path=["a.wav", "b.wav", "gone.wav"], label=[None, "sad", "calm"])
    with pytest.raises(AudioError, match=r"row 2 \(from 0\): .*gone\.wav"):
        load_table(frame, root=clips)


def test_a_table_needs_labels(clips):
    frame = table(path=["a.wav", "b.wav"], label=[None, ""])
    with pytest.raises(AudioError, match=r"No row of the table has a label\. .* with label="):
        load_table(frame, root=clips)


def test_a_row_is_named_by_its_line_in_the_file(clips):
    (clips / "list.csv").write_text("path;label;start\na.wav;sad;0\n;;\n\nb.wav;sad;x\n")
    with pytest.raises(AudioError, match="no valid times; line 5 has start='x'"):
        load_table(clips / "list.csv")
    book = pd.DataFrame([["path", "label"], [None, None], ["a.wav", "sad"], ["b.wav", None]])
    book.to_excel(clips / "list.xlsx", header=False, index=False)
    with pytest.warns(AudioWarning, match="no label and are left out; the first is line 4"):
        load_table(clips / "list.xlsx")


def test_rows_of_one_file_without_times_may_be_stretches_of_it(clips):
    frame = table(path=["a.wav", "a.wav"], Beginn=[0, 1], Ende=[1, 2])
    with pytest.warns(AudioWarning, match=r"name the columns of their times with start= and end="):
        load_table(frame, root=clips)


def test_a_missing_table_is_refused(clips):
    with pytest.raises(AudioError, match="does not exist"):
        load_table(clips / "nothing.csv")


@pytest.mark.parametrize("column", ["path", "label"])
def test_a_missing_column_is_refused(clips, column):
    what = {"path": r"the files \(path, file, .*the files with path=\.", "label": "the labels"}[
        column
    ]
    with pytest.raises(AudioError, match=rf"no column of {what}"):
        load_table(table().drop(columns=column), root=clips)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_row_without_a_file_is_refused(clips, nothing):
    frame = table()
    frame.loc[1, "path"] = nothing
    with pytest.raises(AudioError, match=r"1 of 2 rows .* have no file; the first is row 1"):
        load_table(frame, root=clips)


@pytest.mark.parametrize(("start", "end"), [(1.5, 0.5), (-1, 1), ("0:01", 2), (1, "end")])
def test_times_that_are_none_are_refused(clips, start, end):
    frame = table(start=pd.Series([0, start], dtype=object), end=pd.Series([1, end], dtype=object))
    with pytest.raises(AudioError, match=r"row 1.*Give times in seconds with 0 <= start < end"):
        load_table(frame, root=clips)


def test_an_empty_table_is_refused(clips):
    with pytest.raises(AudioError, match="is empty"):
        load_table(table().iloc[:0], root=clips)


def test_a_mapping_that_leaves_nothing_is_refused(clips):
    with pytest.raises(AudioError, match="leaves no clip"):
        load_table(table(), root=clips, map_labels={"anger": None, "sad": None})


def test_the_tables_emotion_is_that_of_its_own_label_only(clips):
    frame = table(emotion=["calm", "calm"], mood=["joy", "fear"])
    corpus = load_table(frame, label="mood", root=clips)
    assert corpus.target.tolist() == ["joy", "fear"]
    assert corpus.frame["emotion (table)"].tolist() == ["calm", "calm"]


@pytest.mark.parametrize("dtype", [object, "category"])
@pytest.mark.parametrize(("names", "first"), [("given", "Anger"), ("canonical", "angry")])
def test_the_tables_emotion_goes_before_the_label(clips, dtype, names, first):
    frame = table(label=["05", "06"], emotion=pd.Series(["Anger", None], dtype=dtype))
    assert load_table(frame, root=clips, emotions=names).target.tolist() == [first, "06"]


def test_a_column_of_labels_that_is_named_goes_before_the_emotion(clips):
    frame = table(label=["FEA", "HAP"], emotion=["fear", "joy"])
    corpus = load_table(frame, label="label", root=clips)
    assert corpus.target.tolist() == ["FEA", "HAP"]
    assert corpus.frame["emotion (table)"].tolist() == ["fear", "joy"]


def test_a_column_of_no_emotions_is_none(clips):
    frame = table(label=[5, 6], emotion=[None, None])
    assert load_table(frame, root=clips).target.tolist() == ["5", "6"]


def test_a_mapping_may_name_the_tables_emotion(clips):
    frame = table(label=["05", "04"], emotion=["angry", "sad"])
    corpus = load_table(frame, root=clips, map_labels={"angry": None})
    assert corpus.target.tolist() == ["sad"]


def test_the_row_of_a_wrong_time_is_that_of_the_table(clips):
    frame = table(start=[0, np.float64(1.5)], end=["1", "0.5"])
    with pytest.raises(AudioError, match=r"row 1 \(from 0\) has start=1\.5, end=0\.5\. Give"):
        load_table(frame, root=clips, map_labels={"anger": None})


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [(None, -1, "start=missing, end=-1"), ("0:01", 2, "start='0:01', end=2")],
)
def test_wrong_times_are_shown_as_they_were_given(clips, start, end, shown):
    frame = table(start=pd.Series([0, start], dtype=object), end=[1, end])
    with pytest.raises(AudioError, match=shown):
        load_table(frame, root=clips)


pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")


@pytest.mark.parametrize("special", [pytest.param("pipe", marks=pipes), "folder"])
def test_what_is_no_regular_file_is_no_clip_and_not_waited_for(clips, special):
    (clips / "b.wav").unlink()
    (os.mkfifo if special == "pipe" else os.mkdir)(clips / "b.wav")
    message = r"1 of 2 files .* are missing or not regular files \(row 1 \(from 0\): .*b\.wav'"
    with pytest.raises(AudioError, match=message):
        load_table(table(), root=clips)


@pipes
def test_a_pipe_is_no_table(tmp_path):
    os.mkfifo(tmp_path / "list.csv")
    with pytest.raises(AudioError, match="is a device or a pipe"):
        load_table(tmp_path / "list.csv")


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(AudioError, match=r"is a folder, not a table\. Load it with load_folder"):
        load_table(tmp_path)


def test_a_file_larger_than_any_table_is_refused(tmp_path):
    with open(tmp_path / "list.csv", "wb") as file:
        file.truncate(2**30 + 1)
    with pytest.raises(AudioError, match=r"has 1\.07 GB, which is too large for a list"):
        load_table(tmp_path / "list.csv")


def test_a_path_that_is_a_number_is_refused(clips):
    with pytest.raises(AudioError, match=r"1 of 2 rows .* row 1 \(from 0\) has 3\. Name the right"):
        load_table(table(path=["a.wav", 3]), root=clips)


def test_a_blank_emotion_is_that_of_the_label(clips):
    assert load_table(table(emotion=["calm", " "]), root=clips).target.tolist() == ["calm", "sad"]


@pytest.mark.parametrize("missing", [None, "", " ", float("nan")])
def test_a_row_without_speaker_is_told(clips, missing):
    message = r"1 of 2 rows .* have no speaker; the first is row 1 .*corpus\.groups is None"
    with pytest.warns(AudioWarning, match=message) as told:
        corpus = load_table(table(speaker=["s1", missing]), root=clips)
    assert corpus.groups is None
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    ("parameter", "column"), [("group", "who"), ("start", "begin"), ("end", "stop")]
)
def test_a_column_that_is_asked_for_must_be_there(clips, parameter, column):
    with pytest.raises(AudioError, match=rf"no column '{column}'.* with {parameter}=\."):
        load_table(table(), root=clips, **{parameter: column})


def test_one_column_may_be_label_and_speaker(clips):
    corpus = load_table(table(speaker=["s1", "s2"]), label="speaker", root=clips)
    assert corpus.target.tolist() == corpus.groups.tolist() == ["s1", "s2"]


@pytest.mark.parametrize("times", [{}, {"start": [0.5, 0.5]}])
def test_a_clip_that_is_there_twice_is_told(clips, times):
    frame = table(path=["a.wav", "./b/../a.wav"], **times)
    (clips / "b").mkdir()
    message = r"1 of 2 rows .* repeat the clip of an earlier row; the first is row 1 \(from 0\)"
    with pytest.warns(AudioWarning, match=message):
        assert len(load_table(frame, root=clips).data) == 2


def test_two_parts_of_a_file_are_two_clips(clips):
    frame = table(path=["a.wav", "a.wav"], start=["0", "1.0"])
    assert len(load_table(frame, root=clips).data) == 2


@pytest.mark.parametrize("as_file", [True, False])
def test_a_column_that_is_there_twice_is_refused(clips, as_file):
    frame = table()
    frame = pd.concat([frame, frame["label"]], axis=1)
    if as_file:
        frame.to_csv(clips / "list.csv", index=False)
    with pytest.raises(AudioError, match="has two columns named 'label'"):
        load_table(clips / "list.csv" if as_file else frame, root=clips)


def test_columns_without_a_name_may_be_many(clips):
    (clips / "list.csv").write_text("path,label,,\na.wav,sad,,\n")
    assert load_table(clips / "list.csv").target.tolist() == ["sad"]


def test_fields_without_a_column_are_refused(clips):
    (clips / "list.csv").write_text("path,label\na.wav,sad,very\nb.wav,sad,a bit\n")
    with pytest.raises(AudioError, match="more fields than the header, which names 2 columns"):
        load_table(clips / "list.csv")


@pytest.mark.parametrize("end", ["inf", np.inf])
def test_a_clip_without_end_is_refused(clips, end):
    with pytest.raises(AudioError, match=r"row 0 \(from 0\) has start=missing, end=inf"):
        load_table(table(end=[end, 1]), root=clips)


def test_labels_keep_their_names_unless_canonical_ones_are_asked_for(clips):
    frame = table(label=["fear", "Joy"])
    assert load_table(frame, root=clips).target.tolist() == ["fear", "Joy"]
    canonical = load_table(frame, root=clips, emotions="canonical")
    assert canonical.target.tolist() == ["fearful", "happy"]
    assert canonical.frame["label"].tolist() == ["fear", "Joy"]
    with pytest.raises(ValueError, match=r"emotions='common' is unknown. Pass 'given' or"):
        load_table(frame, root=clips, emotions="common")


def test_a_mapping_may_use_the_common_name_where_labels_are_kept(clips):
    corpus = load_table(table(), root=clips, map_labels={"angry": "hot"})
    assert corpus.target.tolist() == ["hot", "sad"]


def test_classes_that_differ_by_case_only_are_told(clips):
    with pytest.warns(AudioWarning, match=r"'Sad' and 'sad' are two classes.*--canonical-labels"):
        corpus = load_table(table(label=["Sad", "sad"]), root=clips)
    assert corpus.target_names == ["Sad", "sad"]


@pytest.mark.parametrize("other", ["Anna", "anna "])
def test_speakers_that_may_be_the_same_person_are_told(clips, other):
    with pytest.warns(AudioWarning, match="two speakers.*both training and test"):
        corpus = load_table(table(speaker=["anna", other]), root=clips)
    assert corpus.groups.tolist() == ["anna", other]


def test_columns_of_the_users_own_come_along(clips):
    frame = table(rater=["r1", "r2"], valence=[0.5, -1])
    corpus = load_table(frame.assign(**{"speaker": "s", "Age group": "old"}), root=clips)
    assert corpus.frame["rater"].tolist() == ["r1", "r2"]
    assert corpus.frame["valence"].tolist() == [0.5, -1]
    assert set(corpus.frame["Age group"]) == {"old"}


def test_a_column_whose_name_the_frame_needs_comes_along_under_another(clips):
    frame = table(path=["x", "y"], wav=["a.wav", "b.wav"])
    corpus = load_table(frame, path="wav", root=clips)
    assert corpus.frame["path (table)"].tolist() == ["x", "y"]


def test_what_a_mapping_leaves_out_is_counted(clips):
    assert load_table(table(), root=clips).skipped == {}
    corpus = load_table(table(), root=clips, map_labels={"sad": None})
    assert corpus.skipped == {"clips that map_labels leaves out": 1}


def test_accents_are_equal_however_they_are_written(clips, write_clip):
    composed, decomposed = "\u00c4rger", "A\u0308rger"
    write_clip(clips / f"{decomposed}.wav", seconds=1)
    frame = table(path=[f"{composed}.wav", "b.wav"], speaker=[composed, decomposed])
    corpus = load_table(frame.assign(label=[composed, decomposed]), root=clips)
    assert corpus.target_names == [composed]
    assert set(corpus.groups) == {composed}
    assert corpus.frame["duration"].notna().all()


@pytest.mark.parametrize("separator", [",", ";"])
def test_codes_stay_as_they_are_and_numbers_become_numbers(clips, separator):
    rows = [
        ["path", "label", "speaker", "id", "take", "level"],
        ["a.wav", '"1,5"', "00", "007", "2E3", '"0,5"'],
        ["b.wav", '"2,5"', "01", "010", "1E5", '"2"'],
    ]
    (clips / "list.csv").write_text("\n".join(separator.join(row) for row in rows))
    corpus = load_table(clips / "list.csv")
    assert corpus.target.tolist() == ["1,5", "2,5"]
    assert corpus.groups.tolist() == ["00", "01"]
    assert corpus.frame["id"].tolist() == ["007", "010"]
    assert corpus.frame["take"].tolist() == ["2E3", "1E5"]
    assert corpus.frame["level"].tolist() == [0.5, 2.0]
