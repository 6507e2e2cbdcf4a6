"""Progress bars that are shown only to people."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from multiprocessing import current_process
from typing import TypeVar

from tqdm import TqdmWarning

with warnings.catch_warnings():
    # In a notebook without ipywidgets, tqdm asks for them when it is imported. Bars of text do.
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

T = TypeVar("T")

_PATIENCE = 2.0
"""Delay in seconds before a bar appears."""


def progress_bar(total: int, progress: bool | str) -> tqdm:
    """Return a bar on stderr that counts clips.

    Parameters
    ----------
    total : int
        Number of clips.
    progress : bool or "auto"
        Whether to show the bar. "auto" shows it in a terminal or a notebook after two seconds, and
        removes it at the end.

    Returns
    -------
    bar : tqdm.tqdm
        Progress bar, to be used as a context manager.
    """
    if progress == "auto":
        return tqdm(
            total=total, unit="clip", delay=_PATIENCE, leave=False, disable=not _somebody_looks()
        )
    return tqdm(total=total, unit="clip", disable=not progress)


def _somebody_looks() -> bool:
    """Return whether this is the main process and its stderr is shown to a person."""
    if current_process().name != "MainProcess":
        return False
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())


def counting(results: Iterable[T], bar: tqdm) -> Iterator[T]:
    """Yield results, and count them with a progress bar."""
    for result in results:
        yield result
        bar.update(1)
