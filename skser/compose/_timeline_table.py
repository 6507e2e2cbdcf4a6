from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def timeline_table(events: Iterable[Any], classes: Iterable[Any] = ()) -> pd.DataFrame:
    """Put the events of windows into a table with the columns of `predict_segments`.

    Parameters
    ----------
    events : iterable of LiveEvent
        Events in order of time.
    classes : iterable, default=()
        Classes that get a column, besides those of the first event with probabilities.

    Returns
    -------
    timeline : pandas.DataFrame
        One row per window: start, end (seconds), label, level (dBFS), reason; and, if there are
        probabilities, ``p_angry``, ``p_sad``, ..., which are NaN in windows without a label.
    """
    import pandas as pd

    events = list(events)
    columns = ["start", "end", "label", "level", "reason"]
    table = pd.DataFrame([event._asdict() for event in events], columns=columns)
    table = table.astype({"label": object, "reason": object})
    for name in ("label", "reason"):
        table[name] = table[name].where(table[name].notna(), None)
    known: list[Mapping[Any, float]] = [e.probabilities for e in events if e.probabilities]
    for label in dict.fromkeys([*classes, *(known[0] if known else ())]):
        shares = [(event.probabilities or {}).get(label, float("nan")) for event in events]
        table[f"p_{label}"] = shares
    return table
