"""Tables that commands write."""

import numpy as np
import pandas as pd
import pytest

from skser.cli._extract import _known
from skser.cli._tables import check_table, write_table


def test_a_workbook_holds_what_the_table_holds(tmp_path):
    table = pd.DataFrame(
        {
            "path": ["Müller.wav", None],
            "fold": np.array([1, 2]),
            "p_Ärger": np.array([0.5, np.nan], np.float32),
            "sr": pd.array([16000, None], "Int64"),
        }
    )
    write_table(table, tmp_path / "t.xlsx")
    read = pd.read_excel(tmp_path / "t.xlsx")
    assert [*read] == [*table]
    assert read["path"][0] == "Müller.wav"
    assert read["fold"].tolist() == [1, 2]
    np.testing.assert_array_equal(read["p_Ärger"], [0.5, np.nan])
    assert read.iloc[1].isna().tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("=1+1", "=1+1"), ("#N/A", "#N/A"), ("a\x1b", r"a\x1b"), ("a\udce4", r"a\udce4")],
)
def test_text_in_a_workbook_is_no_formula_and_no_error(tmp_path, text, shown):
    write_table(pd.DataFrame({"emotion": [text]}, dtype=object), tmp_path / "t.xlsx")
    read = pd.read_excel(tmp_path / "t.xlsx", keep_default_na=False)
    assert read["emotion"].tolist() == [shown]


def test_too_many_columns_for_a_workbook_are_told_and_leave_no_file(tmp_path):
    with pytest.raises(ValueError, match=r"but the table has 1 and 16385\. Write a \.csv file"):
        write_table(pd.DataFrame(np.zeros((1, 16385))), tmp_path / "t.xlsx")
    assert not [*tmp_path.iterdir()]


def test_a_missing_package_is_told_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("skser.cli._tables.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"A \.xlsx file needs openpyxl: .*`excel`"):
        check_table(tmp_path / "t.xlsx")


def test_a_table_of_features_has_the_corpora_where_there_are_several():
    frame = pd.DataFrame(
        {"path": ["a", "b"], "emotion": ["joy", "joy"], "corpus": ["x", "y"], "duration": 2.0}
    )
    assert _known(frame, "clips")["corpus"].tolist() == ["x", "y"]
    assert "corpus" not in _known(frame.assign(corpus="x"), "clips")


@pytest.mark.parametrize("source", ["{}", "table:{}"])
def test_a_table_of_features_keeps_the_column_corpus_of_a_table(tmp_path, source):
    file = tmp_path / "list.csv"
    file.touch()
    frame = pd.DataFrame({"path": ["a", "b"], "emotion": "joy", "corpus": "studio"})
    assert _known(frame, source.format(file))["corpus"].tolist() == ["studio", "studio"]
    assert "corpus" not in _known(frame.assign(corpus="list"), source.format(file))
