"""Tables as spreadsheet programs write them."""

import pandas as pd
import pytest

from skser.datasets import load_table
from skser.datasets._read_table import point_decimals, read_table
from skser.exceptions import AudioError, AudioWarning


@pytest.fixture
def clips(tmp_path, write_clip):
    for name in ("ä.wav", "b.wav"):
        write_clip(tmp_path / name, seconds=2)
    return tmp_path


ROWS = [
    ["File", "Label", "Begin", "End"],
    ["ä.wav", "Ärger", "0,5", "1,5"],
    ["b.wav", "Angst", "0", "1"],
]


def written(separator, encoding):
    return "\r\n".join(separator.join(row) for row in ROWS).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("separator", "suffix"), [(";", "csv"), ("\t", "txt"), ("\t", "tsv")])
def test_what_excel_saves_is_read(clips, encoding, separator, suffix):
    file = clips / f"list.{suffix}"
    file.write_bytes(written(separator, encoding))
    corpus = load_table(file)
    assert corpus.target.tolist() == ["Ärger", "Angst"]
    assert corpus.frame["start"].tolist() == [0.5, 0]
    assert corpus.frame["end"].tolist() == [1.5, 1]


def test_the_code_page_of_windows_is_read_and_told(clips):
    (clips / "list.csv").write_bytes(written(";", "cp1252"))
    with pytest.warns(AudioWarning, match=r"is not in UTF-8 and was read as Windows-1252") as told:
        corpus = load_table(clips / "list.csv")
    assert corpus.target.tolist() == ["Ärger", "Angst"]
    assert told[0].filename == __file__


def test_the_line_that_names_the_separator_is_no_header(clips):
    (clips / "list.csv").write_text("sep=;\npath;label\nb.wav;sad, but not very\n")
    assert load_table(clips / "list.csv").target.tolist() == ["sad, but not very"]


def test_a_separator_within_quotation_marks_separates_nothing(clips):
    (clips / "list.csv").write_text('path,"label;a;b;c",label\nb.wav,x,sad\n')
    assert load_table(clips / "list.csv").target.tolist() == ["sad"]


def test_empty_rows_are_passed_over(clips):
    (clips / "list.csv").write_text("path;label\nb.wav;sad\n;\n;\n")
    assert len(load_table(clips / "list.csv").data) == 1


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["0,5", "12", None], ["0.5", "12", None]),
        (["0,5", "1.5"], ["0,5", "1.5"]),
        (["0,5", "x"], ["0,5", "x"]),
        (["1,2,3"], ["1,2,3"]),
        ([0.5, 1.5], [0.5, 1.5]),
    ],
)
def test_commas_are_decimal_where_all_of_a_column_are_numbers(column, expected):
    pointed = point_decimals(pd.Series(column, dtype=object))
    assert pointed.where(pointed.notna(), None).tolist() == expected


def test_numbers_with_decimal_commas_in_other_columns_are_numbers(clips):
    (clips / "list.csv").write_text("path;label;arousal\nb.wav;sad;-0,25\n")
    assert load_table(clips / "list.csv").frame["arousal"].tolist() == [-0.25]


def test_a_file_that_is_no_text_is_refused(clips):
    (clips / "list.csv").write_bytes(b"path,label\nb.wav,\x81\n")
    with pytest.raises(AudioError, match=r"list\.csv' cannot be read as a table of text \("):
        load_table(clips / "list.csv")


def test_a_workbook_that_calls_itself_text_is_refused(clips):
    (clips / "list.csv").write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(AudioError, match=r"is a workbook or an archive.*suffix \.xlsx or \.ods"):
        load_table(clips / "list.csv")


def test_a_workbook_of_another_format_is_refused(clips):
    (clips / "list.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(AudioError, match=r"list\.xls': .* Save it as \.xlsx, \.ods or \.csv"):
        load_table(clips / "list.xls")


def test_text_has_no_sheets(clips):
    (clips / "list.csv").write_text("path,label\nb.wav,sad\n")
    with pytest.raises(AudioError, match=r"has no sheets, but sheet='a' was given"):
        load_table(clips / "list.csv", sheet="a")


@pytest.fixture(params=["xlsx", "ods"])
def workbook(request, clips):
    """A workbook of two sheets, with codes, a title's empty line and numbers."""
    pytest.importorskip({"xlsx": "openpyxl", "ods": "odf"}[request.param])
    file = clips / f"labels.{request.param}"
    table = pd.DataFrame(
        {
            "Filename": ["ä.wav", "b.wav"],
            "Emotion": ["fear", "None"],
            "Subject": ["01", "02"],
            "Onset": [0.25, 1],
            "Offset": [1.5, 2],
            "note": [None, "loud"],
        }
    )
    with pd.ExcelWriter(str(file)) as writer:
        table.to_excel(writer, sheet_name="labels", index=False, startrow=1)
        table.iloc[:1].to_excel(writer, sheet_name="pilot", index=False)
    return file


def test_a_workbook_is_read(workbook):
    corpus = load_table(workbook, sheet="labels")
    assert corpus.target.tolist() == ["fear", "None"]
    assert corpus.groups.tolist() == ["01", "02"]
    assert corpus.frame["start"].tolist() == [0.25, 1]
    assert corpus.frame["end"].tolist() == [1.5, 2]
    assert corpus.frame["note"].tolist()[1] == "loud"
    assert set(corpus.frame["corpus"]) == {"labels"}


@pytest.mark.parametrize("sheet", ["pilot", 1])
def test_a_sheet_is_chosen_by_name_or_place(workbook, sheet):
    assert len(load_table(workbook, sheet=sheet).data) == 1


def test_the_first_sheet_of_several_is_told(workbook):
    with pytest.warns(AudioWarning, match=r"the first, 'labels', is read\. .*--sheet") as told:
        assert len(load_table(workbook).data) == 2
    assert told[0].filename == __file__


def test_a_sheet_is_found_whatever_its_case(workbook):
    assert len(load_table(workbook, sheet="Labels").data) == 2


@pytest.mark.parametrize("sheet", ["Label", 2, -1])
def test_a_sheet_that_is_not_there_is_refused(workbook, sheet):
    with pytest.raises(AudioError, match=r"has no sheet .* are \['labels', 'pilot'\]\. Correct"):
        load_table(workbook, sheet=sheet)


def test_a_damaged_workbook_is_refused(workbook):
    workbook.write_bytes(workbook.read_bytes()[:500])
    with pytest.raises(AudioError, match="cannot be read as a workbook"):
        load_table(workbook)


@pytest.mark.parametrize(("suffix", "package"), [("xlsx", "openpyxl"), ("ods", "odfpy")])
def test_a_workbook_without_the_extra_names_it(clips, monkeypatch, suffix, package):
    (clips / f"a.{suffix}").touch()
    monkeypatch.setattr("skser.datasets._read_table.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=rf"needs {package}, .*pip install 'skser\[excel\]'"):
        read_table(clips / f"a.{suffix}")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_said_to_be_empty(tmp_path, content):
    (tmp_path / "list.csv").write_text(content, encoding="utf-8")
    with pytest.raises(AudioError, match=r"list\.csv' is empty"):
        load_table(tmp_path / "list.csv")
