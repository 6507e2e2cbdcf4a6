"""Text for display: file names and other text of unknown origin, and counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.text import Text

# Control characters, which terminals obey and XML forbids; line ends; marks that change the
# direction of writing; lone surrogates, which stand for undecodable bytes; noncharacters.
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
        One line that is safe in a terminal, in XML and in UTF-8.
    """
    return _UNSHOWABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def visible_lines(text: str) -> str:
    """Escape text as `visible` does, but keep its line breaks."""
    return "\n".join(map(visible, text.split("\n")))


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural if the number is not 1."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def draw_as_written(texts: Iterable[Text]) -> None:
    """Make a figure show names literally, without parsing text between dollar signs as formulas.

    Parameters
    ----------
    texts : iterable of matplotlib Text
        Titles, tick labels and other texts that contain names of files, classes or features.
    """
    for text in texts:
        text.set_parse_math(False)
