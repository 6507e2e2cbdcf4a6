import numpy as np
import pandas as pd
import pytest

from skser import format_selection_table


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "step": [0, 1, 2],
            "features": [("zcr_2",), ("zcr_2", "mfcc"), ("mfcc",)],
            "added": [("zcr_2",), ("mfcc",), ()],
            "removed": [(), (), ("zcr_2",)],
            "classify__C": [1, 10.5, None],
            "mean_test_score": [0.3, 0.41239, np.nan],
            "std_test_score": [0.02, 0.03, np.nan],
            "gain_score": [np.nan, 0.11239, -0.05],
            "p_score": [np.nan, 0.0123, 0.5],
            "verdict_score": ["", "gain", "noise"],
        }
    )


def test_scores_have_three_digits_and_their_deviation(table):
    lines = format_selection_table(table).to_string(delimiter="|").splitlines()
    assert lines == [
        "features|classify__C|score|gain|p|verdict",
        "zcr_2|1|0.300 ± 0.020|–|–|",  # noqa: RUF001
        "+ mfcc|10.5|0.412 ± 0.030|+0.112|0.012|gain",
        "− zcr_2||–|−0.050|0.500|noise",  # noqa: RUF001
    ]


def test_latex_has_nothing_that_a_document_cannot_set(table):
    text = format_selection_table(table, escape="latex").to_latex(hrules=True)
    assert text.isascii()
    assert r"zcr\_2 & 1 & $0.300 \pm 0.020$ & -- & -- &  \\" in text
    assert r"$-$ zcr\_2 &  & -- & $-0.050$ & $0.500$ & noise \\" in text
    assert r"classify\_\_C" in text


def test_a_tiny_p_value_is_not_written_as_zero(table):
    table["p_score"] = [np.nan, 1e-5, 0.5]
    assert "| < 0.001 |" in format_selection_table(table, escape=None).to_string(delimiter=" | ")


def test_no_gain_has_no_minus_sign(table):
    table["gain_score"] = -1e-9
    text = format_selection_table(table).to_string(delimiter="|")
    assert text.count("|+0.000|") == 3


def test_html_shows_names_as_they_are(table):
    table["added"] = [("<b>",), ("mfcc",), ()]
    assert "&lt;b&gt;" in format_selection_table(table).to_html()


def test_each_of_several_scores_is_named(table):
    table["mean_test_f1_macro"], table["std_test_f1_macro"] = 0.5, 0.1
    table["gain_f1_macro"] = 0.0
    columns = format_selection_table(table).data.columns.tolist()
    assert columns[-5:] == ["gain score", "p score", "verdict score", "f1 macro", "gain f1 macro"]


def test_a_value_that_is_none_was_searched(table):
    table["classify__C"] = pd.Series([1, None, np.nan], dtype=object)
    lines = format_selection_table(table).to_string(delimiter="|").splitlines()
    assert [line.split("|")[1] for line in lines[1:]] == ["1", "None", ""]


def test_a_table_without_scores_is_refused():
    with pytest.raises(ValueError, match="has no column mean_test_<score>"):
        format_selection_table(pd.DataFrame({"step": [0]}))
