import unicodedata

import pytest

from skser._text import visible, visible_lines


@pytest.mark.parametrize("text", ["angry", "Wut 😡", "怒り　", "خوشحال‌", "a b", "C:\\new", ""])
def test_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\tb\r\nc\x00\x7f", r"a\tb\r\nc\x00\x7f"),
        ("caf\udce9", r"caf\udce9"),
        ("gpj.\u202ewav", r"gpj.\u202ewav"),
        ("\u2028\uffff", r"\u2028\uffff"),
    ],
)
def test_what_cannot_be_shown_is_escaped(text, shown):
    assert visible(text) == shown


def test_nothing_is_left_that_a_terminal_or_xml_would_stumble_over():
    shown = visible("".join(map(chr, range(0x10000))))
    assert {unicodedata.category(c) for c in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert shown.encode("utf-8")


def test_lines_may_stay():
    assert visible_lines("one\n\x1btwo\n") == "one\n\\x1btwo\n"
