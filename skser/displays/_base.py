from __future__ import annotations

import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Display:
    """Base of all displays: a notebook shows the picture of a display that ends a cell.

    A display that `plot` has not drawn yet is drawn on a temporary figure. A display that `plot`
    has drawn is not shown twice in the same cell, where its figure is still open.
    """

    figure_: Figure
    plot: Any

    def __repr__(self) -> str:
        title = getattr(self, "title", None)
        of = f" of {title!r}" if title else ""
        hint = "" if hasattr(self, "figure_") else ": plot() draws it"
        return f"<{type(self).__name__}{of}{hint}>"

    def _repr_png_(self) -> bytes | None:
        import matplotlib.pyplot as plt

        if not hasattr(self, "figure_"):
            # Load the backend first: loading it within `ioff` would leave interactive mode off.
            plt.draw_if_interactive()
            # Open no window, and leave nothing for the backend to show at the end of the cell.
            with plt.ioff():
                drawn: Self = copy.copy(self).plot()
                plt.close(drawn.figure_)
            return _as_png(drawn.figure_)
        # If the display is part of a figure, show the whole figure.
        figure = self.figure_.canvas.figure
        return None if _is_open(figure) else _as_png(figure)


def _is_open(figure: Figure) -> bool:
    """Return whether pyplot still manages this figure, not a newer one with the same number."""
    import matplotlib.pyplot as plt

    number = getattr(figure, "number", None)
    if number not in plt.get_fignums():
        return False
    current = plt.gcf()
    try:
        return plt.figure(number) is figure
    finally:
        plt.figure(current)


def _as_png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()
