"""scikit-learn's diagram of a pipeline, without its scripts."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup
from sklearn.utils import estimator_html_repr

from skser._repr import without_addresses
from skser._text import visible_lines

_ALREADY_IN_THE_PAGE = ("html", "head", "body", "meta")


def diagram(estimator: Any) -> Markup:
    """Return the diagram as HTML with its style, to be put into a shadow root.

    The page forbids scripts, and scikit-learn's only copy parameters' names and choose between
    light and dark, which the page does by its own style.

    Parameters
    ----------
    estimator : estimator
        Fitted or not.

    Returns
    -------
    html : Markup
    """
    parser = _WithoutScripts()
    parser.feed(estimator_html_repr(estimator))
    parser.close()
    return Markup(visible_lines(without_addresses("".join(parser.parts))))


class _WithoutScripts(HTMLParser):
    """Write HTML out again without scripts and without attributes that run some."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        if self._in_script or tag in _ALREADY_IN_THE_PAGE:
            return
        kept = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in attrs
            if not name.startswith("on")
        )
        self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False
        elif tag not in _ALREADY_IN_THE_PAGE:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._in_script:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")
