"""Short labels for the rows of a selection table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_MOST_NAMED = 2
"""Maximal number of members to name in the first set of a selection that only removes members."""


def step_labels(table: pd.DataFrame) -> list[str]:
    """Return one label per row: "zcr + rms" or "all 9" first, then "+ mfcc" or minus it."""
    removes = "removed" in table
    removed = table["removed"] if removes else [()] * len(table)
    everything = {name for plus in table["added"] for name in plus}
    labels = []
    for step, plus, minus in zip(table["step"], table["added"], removed, strict=True):
        if step == 0 and removes and set(plus) == everything and len(plus) > _MOST_NAMED:
            labels.append(f"all {len(plus)}")
        elif step == 0:
            labels.append(" + ".join(plus))
        else:
            signed = [f"+ {name}" for name in plus] + [f"\N{MINUS SIGN} {name}" for name in minus]
            labels.append(" ".join(signed))
    return labels
