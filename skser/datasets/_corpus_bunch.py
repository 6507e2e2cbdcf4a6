from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from sklearn.utils import Bunch

from skser._text import counted, visible

if TYPE_CHECKING:
    import pandas as pd

_LICENCE = re.compile(r"^:Licence: (.*(?:\n  .*)*)", re.MULTILINE)
"""Pattern of the licence in ``DESCR``, including its continuation lines."""

_MOST_CLASSES = 20
"""Number of classes in the table; the number of further classes is stated below it."""

_MOST_NAMES = 3


class Corpus(Bunch):
    """A `Bunch` with a short `repr`, whose classes a notebook shows as a table.

    No file is read: durations come from the frame, and the licence from DESCR.
    """

    def __repr__(self) -> str:
        return f"<Corpus: {_size(self)}>" if _is_whole(self) else super().__repr__()

    def _repr_html_(self) -> str | None:
        if not _is_whole(self):
            return None
        names = _shown_names(self["frame"]["corpus"].dropna().unique())
        headline = f"<b>{names}</b>: {_size(self)}" if names else f"<b>{_size(self)}</b>"
        licences = dict.fromkeys(_LICENCE.findall(str(self.get("DESCR", ""))))
        if licences:
            texts = (" ".join(licence.split()) for licence in licences)
            headline += f"<br>Licence: {'; '.join(escape(visible(text)) for text in texts)}"
        return f"<p>{headline}</p>{_by_class(self['frame'])}"


def _is_whole(corpus: Bunch) -> bool:
    """Return whether the user has left the frame and the data consistent with each other."""
    frame, data = corpus.get("frame"), corpus.get("data")
    columns = list(getattr(frame, "columns", ()))
    return (
        all(columns.count(name) == 1 for name in ("emotion", "speaker", "corpus", "duration"))
        and frame["duration"].dtype.kind in "fiu"
        and hasattr(data, "__len__")
        and len(frame) == len(data)
    )


def _size(corpus: Bunch) -> str:
    frame = corpus["frame"]
    parts = [counted(len(frame), "clip"), counted(frame["emotion"].nunique(), "class", "classes")]
    speakers = frame["speaker"].nunique()
    parts.append(counted(speakers, "speaker") if speakers else "speakers unknown")
    known = frame["duration"].dropna()
    if len(known):
        parts.append(f"{_duration(float(known.sum()))} of sound")
    if 0 < len(known) < len(frame):
        parts[-1] += f" in the {len(known)} clips of known length"
    return ", ".join(parts)


def _by_class(frame: pd.DataFrame) -> str:
    """Return a table in HTML: clips, speakers and minutes of each class."""
    by_class = frame.groupby("emotion", sort=True, observed=True)
    table = by_class.agg(
        clips=("emotion", "size"), speakers=("speaker", "nunique"), minutes=("duration", "sum")
    )
    table["minutes"] /= 60
    if frame["duration"].isna().all():
        table = table.drop(columns="minutes")
    if not table["speakers"].any():
        table = table.drop(columns="speakers")
    more = len(table) - _MOST_CLASSES
    table = table.head(_MOST_CLASSES).rename(index=lambda name: visible(str(name)))
    table = table.rename_axis("class").reset_index()
    html: str = table.to_html(index=False, float_format="{:.1f}".format)
    return html if more <= 0 else f"{html}<p>and {counted(more, 'more class', 'more classes')}</p>"


def _shown_names(names: Iterable[Any]) -> str:
    shown = [escape(visible(str(name))) for name in names]
    more = [f"{len(shown) - _MOST_NAMES} more"] if len(shown) > _MOST_NAMES else []
    return ", ".join(shown[:_MOST_NAMES] + more)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    return f"{seconds / 60:.1f} minutes" if seconds < 3600 else f"{seconds / 3600:.2f} hours"
