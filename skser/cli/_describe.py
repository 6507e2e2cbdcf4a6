from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
from sklearn.utils import Bunch

from skser._text import visible
from skser.audio import Segment
from skser.audio._items import describe as name_of
from skser.cli._checks import same_everywhere, unknown_speakers
from skser.cli._corpora import open_corpus
from skser.cli._options import Source
from skser.cli._output import print_json, show
from skser.datasets import describe_corpus
from skser.datasets._drop_unreadable import find_unreadable, without_place
from skser.exceptions import AudioWarning

_NAMES_SHOWN = 5


def describe(source: Source, n_jobs: int, json: bool) -> None:
    """Print the results of `describe_corpus`."""
    corpus = open_corpus(source)
    with warnings.catch_warnings():
        # The note that all commands print about this is shown below.
        warnings.filterwarnings("ignore", "Every clip is labelled", AudioWarning)
        table = describe_corpus(corpus, n_jobs=n_jobs)
    if json:
        print_json(_as_dict(table, corpus))
        return
    for part in table.index.unique(level=0):
        show(f"\n{part}")
        for name, row in table.loc[part].iterrows():
            value = row["value"]
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            concerned = _shown(_which(row["which"], name, corpus))
            show(f"  {visible(name):24s} {shown:>8s}  {concerned}".rstrip())
    unreadable = table.loc[("faults", "unreadable"), "which"]
    if unreadable:
        show("\nunreadable")
        errors = find_unreadable([corpus.data[row] for row in unreadable], progress=False)
        for place, error in errors.items():
            show(f"  {without_place(error, place)}")
    for note in same_everywhere(corpus):
        show(f"\n{note}")
    if corpus.groups is None:
        show(f"\n{unknown_speakers(corpus)}")


def _as_dict(table: pd.DataFrame, corpus: Bunch) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for part in table.index.unique(level=0):
        rows = table.loc[part]
        result[part] = dict(rows["value"])
        if part == "faults":
            result[part] = {
                name: {"count": row["value"], "which": _which(row["which"], str(name), corpus)}
                for name, row in rows.iterrows()
            }
    return result


def _which(which: Any, name: str, corpus: Bunch) -> list[Any]:
    """Return the names of the clips, groups of clips, or speakers that a row refers to."""
    if name.startswith("speakers"):
        return [str(speaker) for speaker in which]
    return [
        [_name(corpus, row) for row in concerned]
        if isinstance(concerned, tuple)
        else _name(corpus, concerned)
        for concerned in which
    ]


def _name(corpus: Bunch, row: int) -> str:
    path = corpus.frame["path"].get(row) if "path" in corpus.frame else None
    item = corpus.data[row]
    if path is None or pd.isna(path):
        return name_of(item, row)
    return f"{path} ({item.start:g} to {item.end:g} s)" if isinstance(item, Segment) else str(path)


def _shown(names: list[Any]) -> str:
    words = [" = ".join(map(visible, [name] if isinstance(name, str) else name)) for name in names]
    rest = len(words) - _NAMES_SHOWN
    return ", ".join(words[:_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
