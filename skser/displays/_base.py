from __future__ import annotations

import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Display:
    """What a notebook shows of a display that is the last expression of a cell: its picture.

    One that `plot` has not drawn is drawn for that alone, on a figure of its own. One that it has
    drawn is not shown a second time in the cell in which its figure is still open.
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
            # Load the backend: loaded while interactive mode is off, it would be left off.
            plt.draw_if_interactive()
            # No window, and nothing that a backend shows at the end of the cell.
            with plt.ioff():
                drawn: Self = copy.copy(self).plot()
                plt.close(drawn.figure_)
            return _as_png(drawn.figure_)
        # Of a part of a figure, the whole.
        figure = self.figure_.canvas.figure
        return None if _is_open(figure) else _as_png(figure)


def _is_open(figure: Figure) -> bool:
    """Return whether pyplot has a figure, and not just another that has got its number since."""
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
