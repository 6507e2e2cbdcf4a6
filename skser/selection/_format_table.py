from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from skser._sklearn_compat import StrOptions, validate_params
from skser.selection._labels import step_labels

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_COLUMNS = ("mean_test_", "std_test_", "gain_", "p_", "verdict_")
_LATEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}
_MEMBERS = ("step", "features", "added", "removed")


@validate_params(
    {"table": [pd.DataFrame], "escape": [StrOptions({"html", "latex"}), None]},
    prefer_skip_nested_validation=True,
)
def format_selection_table(table: pd.DataFrame, *, escape: str | None = "html") -> Styler:
    r"""Format a selection table for a page or a thesis.

    Scores are written as mean ± standard deviation over the folds with three digits, and gains
    with their sign. The cell of a parameter is empty in a row in which it was not searched.

    Parameters
    ----------
    table : pandas.DataFrame
        Table as returned by `selection_table`.
    escape : {"html", "latex"} or None, default="html"
        Output format of the cells. With "latex", characters such as the underscore in ``mfcc_20``
        are escaped, and numbers are set in math mode. If None, cells are plain text, for
        ``to_string()``.

    Returns
    -------
    styler : pandas.io.formats.style.Styler
        Formatted table, which a notebook shows and ``to_html()``, ``to_latex(hrules=True)`` and
        ``to_string()`` write. ``hrules=True`` needs the LaTeX package booktabs.

    Raises
    ------
    ValueError
        If the table has no scores.

    See Also
    --------
    selection_table : Make the table.

    Examples
    --------
    >>> import pandas as pd
    >>> from skser import format_selection_table
    >>> table = pd.DataFrame({
    ...     "step": [0, 1], "features": [("zcr",), ("zcr", "mfcc")], "added": [("zcr",), ("mfcc",)],
    ...     "mean_test_score": [0.3, 0.4], "std_test_score": [0.02, 0.03],
    ...     "gain_score": [float("nan"), 0.1], "p_score": [float("nan"), 0.0123],
    ...     "verdict_score": ["", "gain"],
    ... })
    >>> print(format_selection_table(table, escape="latex").to_latex(hrules=True))
    \begin{tabular}{lllll}
    \toprule
    features & score & gain & p & verdict \\
    \midrule
    zcr & $0.300 \pm 0.020$ & -- & -- &  \\
    + mfcc & $0.400 \pm 0.030$ & $+0.100$ & $0.012$ & gain \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    """
    scores = _scores_in(table)
    if not scores:
        raise ValueError(
            f"The table has no column mean_test_<score>, only {[*map(str, table.columns)]}. Pass a "
            "table returned by selection_table."
        )
    styler = cells_of(table, scores, latex=escape == "latex").style.hide(axis="index")
    return styler.format(escape="html") if escape == "html" else styler


def cells_of(table: pd.DataFrame, scores: list[str], *, latex: bool = False) -> pd.DataFrame:
    """Return the cells of a formatted selection table, as text, with the columns of some scores."""
    cells = pd.DataFrame({"features": _features(table, latex)}, index=table.index)
    for name in searched_in(table):
        cells[_text(name, latex)] = [_text(_plain(value), latex) for value in table[name]]
    for score in scores:
        of_score = "" if len(scores) == 1 else f" {score.replace('_', ' ')}"
        cells[score.replace("_", " ")] = [
            _number(f"{mean:.3f} {_plus_minus(latex)} {std:.3f}", mean, latex)
            for mean, std in zip(
                table[f"mean_test_{score}"], table[f"std_test_{score}"], strict=True
            )
        ]
        for column, written in {"gain": "{:+z.3f}".format, "p": _p_value}.items():
            if (name := f"{column}_{score}") in table:
                cells[f"{column}{of_score}"] = [
                    _number(written(value), value, latex) for value in table[name]
                ]
        if (name := f"verdict_{score}") in table:
            cells[f"verdict{of_score}"] = table[name]
    return cells


def searched_in(table: pd.DataFrame) -> list[str]:
    """Return the names of the columns that hold parameters."""
    measured = {f"{prefix}{score}" for prefix in _COLUMNS for score in _scores_in(table)}
    return [name for name in map(str, table.columns) if name not in {*measured, *_MEMBERS}]


def _scores_in(table: pd.DataFrame) -> list[str]:
    names = map(str, table.columns)
    return [name.removeprefix("mean_test_") for name in names if name.startswith("mean_test_")]


def _features(table: pd.DataFrame, latex: bool) -> list[str]:
    labels = [_text(label, latex) for label in step_labels(table)]
    return [label.replace("\N{MINUS SIGN}", "$-$") if latex else label for label in labels]


def _plain(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    # A parameter that was not searched in this row.
    return "" if np.isnan(value) else f"{value:g}"


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _plus_minus(latex: bool) -> str:
    return r"\pm" if latex else "\N{PLUS-MINUS SIGN}"


def _number(text: str, value: float, latex: bool) -> str:
    """Return a formatted number, or a dash if the value is missing."""
    if pd.isna(value):
        return "--" if latex else "\N{EN DASH}"
    return f"${text}$" if latex else text.replace("-", "\N{MINUS SIGN}")


def _text(text: str, latex: bool) -> str:
    if not latex:
        return text
    return "".join(_LATEX.get(character, character) for character in text)
