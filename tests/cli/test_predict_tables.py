"""`skser predict` with tables that list clips."""

import json

import pandas as pd
import pytest

from skser import AudioError
from skser.cli._clips import clips_of
from skser.cli._options import ClipTable
from skser.cli._tables import apart_from


@pytest.fixture
def two(clips):
    """Two files, relative to the folder of all clips."""
    return [str(next((clips / name).iterdir()).relative_to(clips)) for name in ("angry", "sad")]


@pytest.fixture
def write(tmp_path):
    """Write a table of text in a folder of its own."""

    def write(*lines, name="calls.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines))
        return path

    return write


def test_each_row_is_predicted_and_keeps_its_other_columns(skser, clips, model, two, write):
    table = write(
        "id;Datei;von;bis;emotion;error;Alter",
        f"007;{two[0]};0,25;0,75;joy;none;30,5",
        f"008;{two[1]};;;;none;41",
    )
    output = table.with_name("out.csv")
    names = ["--path", "Datei", "--start", "von", "--end", "bis", "--root", clips]
    result = skser("predict", model, table, *names, "-o", output)
    assert result.exit_code == 0, result.stderr
    written = pd.read_csv(output, dtype={"id": str})
    assert written.columns.tolist() == [
        *("path", "start", "end", "emotion", "probability", "p_angry", "p_neutral", "p_sad"),
        *("error", "id", "emotion (table)", "error (table)", "Alter"),
    ]
    assert written["path"].tolist() == [str(clips / file) for file in two]
    assert written.loc[0, ["start", "end"]].tolist() == [0.25, 0.75]
    assert written.loc[1, ["start", "end"]].isna().all()
    assert written["id"].tolist() == ["007", "008"]
    assert written["Alter"].tolist() == [30.5, 41]
    assert written["error"].isna().all()
    whole = json.loads(skser("predict", model, clips / two[1], "--json").stdout)
    assert written["probability"][1] == pytest.approx(whole[0]["probability"])


def test_a_row_without_a_clip_does_not_stop_the_others(skser, model, clips, two, write):
    rows = [
        *(f"{clips / two[0]},0,0.5,a", "gone.wav,,,b", ",,,c"),
        *(f"{clips / two[1]},1,x,d", f"{clips / two[1]},0.5,99,e"),
    ]
    table = write("file,start,end,note", *rows)
    result = skser("predict", model, table, clips / two[1], "--json")
    assert result.exit_code == 1
    assert "Error: 4 of 6 clips could not be read" in result.stderr
    fine, gone, without, wrong, late, file = json.loads(result.stdout)
    assert (fine["start"], fine["end"], fine["table"]) == (0, 0.5, {"note": "a"})
    assert "no such file" in gone["error"]
    assert gone["table"] == {"note": "b"}
    assert without["file"] is None
    assert without["error"] == f"line 4 of '{table}' names no file"
    assert "line 5 of" in wrong["error"]
    assert "has start=1, end='x'. Give times in seconds" in wrong["error"]
    assert "99" in late["error"]
    assert "table" not in file
    assert file["label"] in ("angry", "neutral", "sad")


def test_a_part_of_a_file_is_printed_with_its_times(skser, model, clips, two, write):
    table = write("file,start,end", f"{clips / two[0]},0.25,0.75", f"{clips / two[0]},0.5,")
    lines = skser("predict", model, table).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [
        f"{clips / two[0]} from 0.25 to 0.75 s",
        f"{clips / two[0]} from 0.5 to its end",
    ]


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_workbooks_are_tables(clips, two, tmp_path, suffix):
    pytest.importorskip("openpyxl" if suffix == ".xlsx" else "odf")
    book = tmp_path / f"calls{suffix}"
    with pd.ExcelWriter(str(book)) as writer:
        pd.DataFrame({"n": [1]}).to_excel(writer, sheet_name="notes", index=False)
        frame = pd.DataFrame({"audio": two, "age": [30, 41]})
        frame.to_excel(writer, sheet_name="calls", index=False)
    found = clips_of([book], ClipTable(sheet="calls", root=clips))
    assert [(clip.item, clip.own) for clip in found] == [
        (str(clips / file), {"age": age}) for file, age in zip(two, (30, 41), strict=True)
    ]


def test_a_table_of_another_suffix_is_named_with_a_prefix(clips, two, write, monkeypatch):
    table = write("path", *two, name="calls.txt")
    monkeypatch.chdir(table.parent)
    assert [clip.item for clip in clips_of([table], ClipTable())] == [str(table)]
    named = type(table)("table:calls.txt")
    found = clips_of([named], ClipTable(root=clips))
    assert [clip.file for clip in found] == [str(clips / file) for file in two]


@pytest.mark.parametrize(
    ("lines", "flags", "message"),
    [
        (["wav,n", "a.wav,1"], {}, r"no column of the files .* with --path\.$"),
        (["wav", "a.wav"], {"path": "Wav file"}, r"no column 'Wav file'.* with --path\.$"),
        (["path", "gone.wav"], {}, r"1 of 1 files .*line 2: .* start from with --root"),
        (["path,n", ",1"], {}, r"has no file in the column 'path'\. Name .* with --path\.$"),
        (["path"], {}, r"is empty\. List at least one clip"),
        (["path", "a.wav"], {"root": "nowhere"}, r"^--root 'nowhere' is not a folder"),
        (["path", "a.wav"], {"sheet": "x"}, r"has no sheets"),
    ],
)
def test_a_table_that_lists_no_clips_is_refused_in_words_of_flags(write, lines, flags, message):
    with pytest.raises(AudioError, match=message):
        clips_of([write(*lines)], ClipTable(**flags))


def test_flags_of_tables_need_a_table(clips, two):
    with pytest.raises(AudioError, match=r"^--end applies only to tables, but no table was given"):
        clips_of([clips / two[0]], ClipTable(end="bis"))


def test_columns_are_renamed_apart():
    own = {"fold": 1, "fold (table)": 2, "age": 3}
    assert apart_from(own, ["fold"]) == {"fold (table) (table)": 1, "fold (table)": 2, "age": 3}
    assert [*apart_from(own, ["fold", "fold (table)"]).values()] == [1, 2, 3]
