"""TextGrid, the format of Praat's annotations.

The long text format follows the manual of Praat: https://www.fon.hum.uva.nl/praat/
manual/TextGrid_file_formats.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Interval = tuple[float, float, str]
"""Start and end in seconds, and a text."""


def intervals_of(timeline: pd.DataFrame) -> list[Interval]:
    """Divide the time of overlapping windows among them, and join neighbours of the same label.

    Parameters
    ----------
    timeline : pandas.DataFrame
        Table as returned by `timeline`.

    Returns
    -------
    intervals : list of (start, end, text)
        Intervals from 0 to the end without gaps, whose text is empty where there is no label or no
        window. Two windows that overlap meet in the middle of their overlap.
    """
    starts, ends = timeline["start"].to_numpy(float), timeline["end"].to_numpy(float)
    middle = (starts[1:] + ends[:-1]) / 2
    apart = starts[1:] > ends[:-1]
    first = np.concatenate([starts[:1], np.where(apart, starts[1:], middle)])
    last = np.concatenate([np.where(apart, ends[:-1], middle), ends[-1:]])
    intervals: list[Interval] = []
    texts = timeline["label"].astype(object).where(timeline["label"].notna(), "").map(str)
    for start, end, text in zip(first.tolist(), last.tolist(), texts, strict=True):
        reached = intervals[-1][1] if intervals else 0.0
        if start > reached:
            _extend(intervals, (reached, start, ""))
        _extend(intervals, (start, end, text))
    return intervals


def _extend(intervals: list[Interval], new: Interval) -> None:
    if intervals and intervals[-1][2] == new[2]:
        new = (intervals.pop()[0], new[1], new[2])
    intervals.append(new)


def textgrid(intervals: list[Interval], tier: str) -> str:
    """Write intervals as a TextGrid with one tier, in the long text format.

    Parameters
    ----------
    intervals : list of (start, end, text)
        Intervals in order, without gaps.
    tier : str
        Name of the tier.

    Returns
    -------
    text : str
        Content of the file, to be stored as UTF-8.
    """
    begin, end = intervals[0][0], intervals[-1][1]
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        f"xmin = {begin!r}",
        f"xmax = {end!r}",
        "tiers? <exists>",
        "size = 1",
        "item []:",
        "    item [1]:",
        '        class = "IntervalTier"',
        f"        name = {_quoted(tier)}",
        f"        xmin = {begin!r}",
        f"        xmax = {end!r}",
        f"        intervals: size = {len(intervals)}",
    ]
    for number, (start, stop, text) in enumerate(intervals, start=1):
        lines += [
            f"        intervals [{number}]:",
            f"            xmin = {start!r}",
            f"            xmax = {stop!r}",
            f"            text = {_quoted(text)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
