"""Print results to stdout and everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import typer
from tqdm import tqdm

from skser._text import visible, visible_lines


def show(text: str) -> None:
    """Print a result for a person, with control characters escaped."""
    typer.echo(visible_lines(text))


def show_row(*cells: object) -> None:
    """Print cells separated by tabs, always on one line."""
    # This prints above a progress bar, if there is one.
    tqdm.write("\t".join(visible(str(cell)) for cell in cells))


def say(text: str) -> None:
    """Print a message to stderr, apart from the results on stdout."""
    typer.echo(visible_lines(text), err=True)


def print_json(value: Any) -> None:
    """Print a result as plain JSON, in which unknown numbers are null."""
    typer.echo(json.dumps(plain(value), indent=2, allow_nan=False))


def is_interactive() -> bool:
    """Return whether stderr is a terminal, so that a progress bar makes sense."""
    return sys.stderr.isatty()


def plain(value: Any) -> Any:
    """Convert a value to one that json can write, in which unknown numbers are null."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | np.ndarray():
            return [plain(item) for item in value]
        case float() | np.floating():
            return float(value) if np.isfinite(value) else None
        case np.integer() | np.bool_():
            return value.item()
        case None | str() | int():
            return value
        case _:
            return str(value)
