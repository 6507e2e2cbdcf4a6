"""Matplotlib figures as SVG that stands in the page itself, in the page's colours."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from markupsafe import Markup

from skser._text import visible, visible_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#010203"
"""Drawn in this colour, which nothing else has; in the page it is the colour of the text."""

_INKED = (
    "text.color",
    "axes.edgecolor",
    "axes.labelcolor",
    "axes.titlecolor",
    "xtick.color",
    "ytick.color",
    "grid.color",
    "boxplot.boxprops.color",
    "boxplot.whiskerprops.color",
    "boxplot.capprops.color",
    "boxplot.flierprops.color",
    "boxplot.flierprops.markeredgecolor",
)

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # A label is text: "$x$" is no formula.
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    # Mid-tones, to be told from a white and from a black page.
    "axes.prop_cycle": "cycler('color', ['3b7ddd', 'd97706', '2f9e63', 'b4539b', '7c6fd6'])",
}


def draw(
    plot: Callable[[Axes], object],
    name: str,
    description: str,
    size: tuple[float, float] = (4.6, 3.2),
) -> Markup:
    """Draw on new axes and return the figure as an ``<svg>`` element.

    Parameters
    ----------
    plot : callable
        Is given the axes.
    name : str
        Of the figure in the page; the ids of the figure's elements begin with it.
    description : str
        What is read to those who cannot see the figure.
    size : tuple of float, default=(4.6, 3.2)
        Width and height in inches; text is 10 points, so that a phone as wide as the figure
        shows it as large as the text of the page.

    Returns
    -------
    svg : Markup
        Safe to put into the page: text in the figure is escaped, and so visibly where it holds
        what cannot be shown.
    """
    (svg,) = draw_each(lambda axes: plot(axes[0]), [name], [description], size)
    return svg


def draw_each(
    plot: Callable[[list[Axes]], object],
    names: Sequence[str],
    descriptions: Sequence[str],
    size: tuple[float, float],
) -> list[Markup]:
    """Draw on several axes, each in a figure of its own; as `draw`."""
    import matplotlib
    from matplotlib.figure import Figure

    style = _STYLE | dict.fromkeys(_INKED, _INK)
    with matplotlib.rc_context(style), warnings.catch_warnings():
        # The browser draws the text, with the fonts that it has.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        figures = [Figure(figsize=size, layout="constrained") for _ in names]
        plot([figure.add_subplot() for figure in figures])
        for figure in figures:
            _make_text_visible(figure)
        return [
            _inline(_saved(figure, name), name, description)
            for figure, name, description in zip(figures, names, descriptions, strict=True)
        ]


def _make_text_visible(figure: Figure) -> None:
    """Escape what neither a font nor XML has, such as a control character in a label."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(visible_lines(text.get_text()))
    # The text of ticks is written anew when they are drawn.
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            formatter = axis.get_major_formatter()
            setattr(formatter, "format_ticks", _escaping(formatter.format_ticks))  # noqa: B010


def _escaping(format_ticks: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    return lambda values: list(map(visible_lines, format_ticks(values)))


def _saved(figure: Figure, name: str) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", dpi=100)
    return buffer.getvalue()


def _inline(svg: bytes, name: str, description: str) -> Markup:
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            # Its <style> would hold for the page, and its <metadata> is the date.
            if _local(child.tag) == "metadata":
                parent.remove(child)
            elif _local(child.tag) == "defs":
                for style in [c for c in child if _local(c.tag) == "style"]:
                    child.remove(style)
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {
            _local(key): _in_page(_local(key), value, name) for key, value in element.attrib.items()
        }
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": visible(description),
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _local(name: str) -> str:
    """Return a name without its namespace: HTML knows SVG's names without."""
    return name.rpartition("}")[2]


def _in_page(key: str, value: str, name: str) -> str:
    """Return an attribute's value with ids that no other figure has, in the page's colour."""
    if key == "id":
        return f"{name}-{value}"
    if key == "href" and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    if key in ("style", "clip-path", "fill", "stroke"):
        return re.sub(r"url\(#", f"url(#{name}-", value).replace(_INK, "currentColor")
    return value
