"""Progress bars that are shown only to people, and one at a time."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import current_process
from typing import Protocol, TypeVar

from tqdm import TqdmWarning, tqdm

from skser._notebook_line import NotebookLine, current_cell, in_notebook

with warnings.catch_warnings():
    # librosa imports this later. In a notebook without ipywidgets, the first import asks for them.
    warnings.simplefilter("ignore", TqdmWarning)
    import_module("tqdm.auto")

T = TypeVar("T")

_PATIENCE = 2.0
"""Delay in seconds before a bar appears."""

_PAUSE = 10.0
"""Longest time in seconds between two calls of a series."""

_open: dict[int, tqdm] = {}
"""The bar that is shown, by the process that shows it: a forked process inherits this variable."""


@dataclass
class _Series:
    """Calls that follow each other closely, such as those for the folds of a search.

    A call does not know whether others follow. The first one shows an ordinary bar; the later ones
    continue its line, and say how much all earlier ones have done.
    """

    cell: int | None = None
    """Cell of the notebook, because the line is part of its output."""
    line: NotebookLine | None = None
    """Stream of the bars in a notebook; None in a terminal."""
    n_done: int = 0
    end: float = 0.0
    """Time when the last call ended."""


_series = _Series()


class Counter(Protocol):
    """Receiver of the number of things that are done."""

    def update(self, n: int) -> object:
        """Count n more things."""


@contextmanager
def progress_bar(
    total: int | None,
    progress: bool | str,
    *,
    unit: str = "clip",
    smoothing: float = 0.3,
    continues: bool = False,
) -> Iterator[Counter]:
    """Show a bar in the output of a notebook's cell or on stderr.

    If a bar is shown already, that of a search for example, there is no second one: the count is
    appended to the text of the first.

    Parameters
    ----------
    total : int or None
        Number of things to do; None if it is unknown.
    progress : bool or "auto"
        Whether to show the bar. "auto" shows it in a terminal or a notebook after two seconds, and
        removes it at the end.
    unit : str, default="clip"
        Name of a thing.
    smoothing : float, default=0.3
        Weight of the latest speed in the estimate of the remaining time; 0 takes the mean speed.
    continues : bool, default=False
        Whether a bar of "auto" continues that of the previous call, as in the folds of a search.

    Yields
    ------
    bar : Counter
        Object whose `update` counts what is done.
    """
    if not (_somebody_looks() if progress == "auto" else progress):
        yield _Ignored()
        return
    process = os.getpid()
    if process in _open:
        yield _Text(_open[process], total, unit)
        return
    begin = time.monotonic()
    series = _current_series(begin) if continues and progress == "auto" else _new_series()
    bar = tqdm(
        total=total,
        unit=unit,
        smoothing=smoothing,
        # Updates by 0 show a new text.
        miniters=0,
        file=series.line,
        bar_format=_continued(series.n_done, unit) if series.n_done else None,
        **({"delay": _PATIENCE, "leave": False} if progress == "auto" else {}),
    )
    _open[process] = bar
    try:
        with bar:
            yield bar
    finally:
        _open.pop(process, None)
        series.end = time.monotonic()
        if series.n_done or series.end - begin >= _PATIENCE:
            series.n_done += bar.n


def _current_series(now: float) -> _Series:
    """Return the series that a call continues, or else a new one."""
    global _series
    if now - _series.end > _PAUSE or _series.cell != current_cell():
        _series = _new_series()
    return _series


def _new_series() -> _Series:
    return _Series(current_cell(), NotebookLine() if in_notebook() else None)


def _continued(n_done: int, unit: str) -> str:
    """Return tqdm's format of the line of a later call of a series."""
    state = "{n_fmt}/{total_fmt} " + unit + "s [{elapsed}<{remaining}, {rate_fmt}]"
    return f"{n_done} done, now {state}"


@dataclass
class _Text:
    """Count that is shown in the text of a bar."""

    bar: tqdm
    total: int | None
    unit: str
    n: int = 0

    def update(self, n: int) -> None:
        self.n += n
        count = self.n if self.total is None else f"{self.n}/{self.total}"
        self.bar.set_postfix_str(f"{count} {self.unit}s", refresh=False)
        self.bar.update(0)


class _Ignored:
    """Count that nobody sees."""

    def update(self, n: int) -> None:
        """Do nothing."""


def _somebody_looks() -> bool:
    """Return whether this is the main process and its stderr is shown to a person."""
    if current_process().name != "MainProcess":
        return False
    return in_notebook() or bool(sys.stderr and sys.stderr.isatty())


def counting(results: Iterable[T], bar: Counter) -> Iterator[T]:
    """Yield results, and count them with a progress bar."""
    for result in results:
        yield result
        bar.update(1)
