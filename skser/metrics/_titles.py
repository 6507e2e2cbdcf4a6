from __future__ import annotations

import os
from pathlib import Path

from skser.audio import Item, Segment


def title_of(item: Item) -> str | None:
    """Name a clip above its picture; samples have no name."""
    match item:
        case Segment(path, start, end):
            return f"{Path(path).name}, {start:g} to {end:g} s"
        case str() | os.PathLike():
            return Path(item).name
        case _:
            return None
