"""Progress bars, where a person looks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from multiprocessing import current_process
from typing import TypeVar

from tqdm.auto import tqdm

T = TypeVar("T")

_PATIENCE = 2.0
"""Seconds that a person waits without wondering."""


def progress_bar(total: int, progress: bool | str) -> tqdm:
    """Return a bar on stderr that counts clips.

    Parameters
    ----------
    total : int
        Number of clips.
    progress : bool or "auto"
        "auto": a bar in a terminal or a notebook, after two seconds, which vanishes at the end.

    Returns
    -------
    bar : tqdm.tqdm
        Context manager.
    """
    if progress == "auto":
        return tqdm(
            total=total, unit="clip", delay=_PATIENCE, leave=False, disable=not _somebody_looks()
        )
    return tqdm(total=total, unit="clip", disable=not progress)


def _somebody_looks() -> bool:
    """Tell whether stderr is shown to a person, by this process alone."""
    if current_process().name != "MainProcess":
        return False
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())


def counting(results: Iterable[T], bar: tqdm) -> Iterator[T]:
    """Yield results, and let a bar count them."""
    for result in results:
        yield result
        bar.update(1)
