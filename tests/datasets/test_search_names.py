import re
import sys

import pytest

from skser.datasets._search_names import search_names
from skser.exceptions import SkserError

NAMES = ["a1/x.wav", "b/ä\n\u2028.wav", "\udcff/a2.wav", "a3"]


@pytest.mark.parametrize(
    ("pattern", "group", "expected"),
    [
        (re.compile(r"A(\d)", re.IGNORECASE), 1, ["1", None, "2", "3"]),
        (re.compile(r"(?P<label>.+)/"), "label", ["a1", "b", "\udcff", None]),
        (re.compile(r"b/(.+)\.", re.DOTALL), 1, [None, "ä\n\u2028", None, None]),
        (re.compile("(z)?"), 1, [None] * 4),
        (re.compile(r"(?i)A\d"), 0, ["a1", None, "a2", "a3"]),
    ],
    ids=["flags", "named group", "line ends", "no match", "inline flags"],
)
def test_each_name_has_its_match(pattern, group, expected):
    assert search_names(pattern, group, NAMES, "label") == expected


def test_what_a_pattern_prints_is_no_answer(capsys):
    pattern = re.compile("a", re.DEBUG)
    assert search_names(pattern, 0, NAMES[:1], "label") == ["a"]


def test_an_application_without_an_interpreter_searches_by_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "the application, which would start again")
    assert search_names(re.compile(r"a\d"), 0, NAMES, "label") == ["a1", None, "a2", "a3"]


@pytest.mark.parametrize("executable", ["/no/such/python", sys.executable])
def test_a_search_that_fails_is_told(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr("skser.datasets._find_in_names.__file__", "/no/such/program.py")
    with pytest.raises(SkserError, match=r"group='a' could not be searched.*No such file"):
        search_names(re.compile("a"), 0, NAMES, "group")
