"""Text of unknown origin, such as names of files, made harmless to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.text import Text

# Control characters, which a terminal obeys and XML forbids; ends of lines; what turns the
# direction of writing; lone surrogates, which stand for bytes that are no text; noncharacters.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""Return text with an escape such as ``\x1b`` for each character that cannot be shown.

    Parameters
    ----------
    text : str
        Name or label.

    Returns
    -------
    shown : str
        One line that a terminal, XML and UTF-8 can hold.
    """
    return _UNSHOWABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def visible_lines(text: str) -> str:
    """Return text as `visible`, but with its lines."""
    return "\n".join(map(visible, text.split("\n")))


def draw_as_written(texts: Iterable[Text]) -> None:
    """Let a figure show names as they are: between two dollar signs there is no formula.

    Parameters
    ----------
    texts : iterable of matplotlib Text
        Titles, labels of ticks, and others that hold names of files, classes or features.
    """
    for text in texts:
        text.set_parse_math(False)
