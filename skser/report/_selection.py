"""The section of a report on the selection of features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from skser._repr import describe_folds, without_addresses
from skser.displays import SelectionDisplay
from skser.displays._selection_display import measures_uar
from skser.report._provenance import shareable
from skser.report._svg import draw
from skser.selection._format_table import cells_of, searched_in


@dataclass(frozen=True, kw_only=True)
class SelectionSection:
    """Scores that a search measured."""

    score: str
    best: float
    chosen: str
    cv: str
    columns: list[str]
    rows: list[list[str]]
    curve: Markup | None
    reason: str
    """Why there is no curve; else empty."""


def selection_section(search: Any) -> SelectionSection:
    """Collect the scores of a search; a curve only where features were added one by one."""
    drawn = search.refit if isinstance(search.refit, str) else "score"
    members: tuple[str, ...] = ()
    curve, cells, reason = None, None, ""
    try:
        display = SelectionDisplay.from_search(search)
    except ValueError as error:
        reason = str(error)
    else:
        drawn = display.score
        if (name := _name_of_score(search.scoring, drawn)) in ("UAR", "accuracy"):
            display.label = name
        curve, cells = _curve(display), _cells(display, name)
        members = _chosen_members(search, display.table)
    return SelectionSection(
        score=_name_of_score(search.scoring, drawn),
        best=float(getattr(search, "best_score_", np.nan)),
        chosen=_chosen(members, getattr(search, "best_params_", {})),
        cv=describe_folds(search.cv),
        columns=[] if cells is None else cells.columns.tolist(),
        rows=[] if cells is None else cells.to_numpy().tolist(),
        curve=curve,
        reason=reason,
    )


def _name_of_score(scoring: Any, drawn: str) -> str:
    """Return the name of the score: balanced accuracy is the UAR, and no scorer is accuracy."""
    if isinstance(scoring, dict):
        scoring = scoring.get(drawn)
    elif isinstance(scoring, list | tuple | set):
        scoring = drawn
    if scoring is None:
        # The classifier's own score.
        return "accuracy"
    if measures_uar(scoring):
        return "UAR"
    return scoring if isinstance(scoring, str) else without_addresses(repr(scoring))


def _curve(display: SelectionDisplay) -> Markup:
    width = max(4.6, 0.5 * display.table["step"].nunique() + 0.8)
    return draw(display.plot, "selection", "Score of each set of features", (width, 3.4))


def _cells(display: SelectionDisplay, name: str) -> pd.DataFrame:
    """Format the table of the score that is drawn."""
    table = display.table.copy()
    for column in searched_in(table):
        values = [shareable(value) for value in table[column]]
        table[column] = pd.Series(values, index=table.index, dtype=object)
    cells = cells_of(table, scores=[display.score]).map(without_addresses)
    return cells.rename(columns={display.score.replace("_", " "): name})


def _chosen_members(search: Any, table: pd.DataFrame) -> tuple[str, ...]:
    """Return the members that the search kept; none if it did not choose."""
    if hasattr(search, "groups_"):
        return search.groups_
    best = getattr(search, "best_index_", None)
    return () if best is None else table["features"].iloc[best]


def _chosen(members: tuple[str, ...], params: dict[str, Any]) -> str:
    """Name the members that were kept, and the other parameters that were chosen."""
    chosen = [" + ".join(members)] if members else []
    for name, value in params.items():
        if not (members and isinstance(value, str) and value == "drop"):
            chosen.append(f"{name}={without_addresses(repr(shareable(value)))}")
    return ", ".join(chosen)
