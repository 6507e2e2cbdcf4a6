"""Progress bars that are shown only to people."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from importlib import import_module
from multiprocessing import current_process
from typing import TypeVar

from tqdm import TqdmWarning, tqdm

from skser._notebook_line import NotebookLine, in_notebook

with warnings.catch_warnings():
    # librosa imports this later. In a notebook without ipywidgets, the first import asks for them.
    warnings.simplefilter("ignore", TqdmWarning)
    import_module("tqdm.auto")

T = TypeVar("T")

_PATIENCE = 2.0
"""Delay in seconds before a bar appears."""


def progress_bar(total: int, progress: bool | str) -> tqdm:
    """Return a bar that counts clips, in the output of a notebook's cell or on stderr.

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
    file = NotebookLine() if in_notebook() else None
    if progress == "auto":
        hidden = not _somebody_looks()
        return tqdm(
            total=total, unit="clip", file=file, delay=_PATIENCE, leave=False, disable=hidden
        )
    return tqdm(total=total, unit="clip", file=file, disable=not progress)


def _somebody_looks() -> bool:
    """Return whether this is the main process and its stderr is shown to a person."""
    if current_process().name != "MainProcess":
        return False
    return in_notebook() or bool(sys.stderr and sys.stderr.isatty())


def counting(results: Iterable[T], bar: tqdm) -> Iterator[T]:
    """Yield results, and count them with a progress bar."""
    for result in results:
        yield result
        bar.update(1)
