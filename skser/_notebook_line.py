"""A line of text in the output of a notebook's cell that replaces itself."""

from __future__ import annotations

import sys
from typing import Any


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def current_cell() -> int | None:
    """Return the number of the cell that is running; None outside a notebook."""
    if not in_notebook():
        return None
    from IPython import get_ipython

    number: int | None = getattr(get_ipython(), "execution_count", None)
    return number


class NotebookLine:
    """Text stream that shows the last line written to it, as an output of the current cell.

    On stderr, every step of a progress bar would stay in a notebook that is saved or exported.
    """

    encoding = "utf-8"

    def __init__(self) -> None:
        self._handle: Any = None

    def write(self, text: str) -> None:
        """Replace the line by a text; keep it if the text only ends it."""
        from IPython.display import display

        if text == "\n":
            return
        output = {"text/plain": text.strip()}
        if self._handle is not None:
            self._handle.update(output, raw=True)
        elif output["text/plain"]:
            self._handle = display(output, raw=True, display_id=True)

    def flush(self) -> None:
        """Do nothing: a line is shown as soon as it is written."""
