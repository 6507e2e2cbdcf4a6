import re

import pandas as pd
import pytest

from skser.live._textgrid import intervals_of, textgrid


def read_textgrid(text):
    """Read the one tier of a TextGrid: its name and its intervals."""
    string = r'"((?:[^"]|"")*)"'
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n\n')
    [name] = re.findall(rf"^ +name = {string} *$", text, flags=re.M)
    found = re.findall(
        rf"intervals \[(\d+)\]:\s+xmin = (\S+)\s+xmax = (\S+)\s+text = {string}", text
    )
    [size] = re.findall(r"intervals: size = (\d+)", text)
    assert [int(number) for number, *_ in found] == list(range(1, 1 + int(size)))
    ends = {float(value) for value in re.findall(r"^(?: {8})?xmax = (\S+)", text, flags=re.M)}
    assert ends == {float(found[-1][2])}
    intervals = [(float(a), float(b), said.replace('""', '"')) for _, a, b, said in found]
    return name.replace('""', '"'), intervals


def table(*rows):
    return pd.DataFrame(rows, columns=["start", "end", "label"])


@pytest.mark.parametrize("text", ["happy", 'say "no"', "fröhlich 喜び", '"', ""])
def test_what_was_written_is_read(text):
    intervals = [(0.0, 1.25, text), (1.25, 1 / 3 + 2, "sad")]
    assert read_textgrid(textgrid(intervals, text)) == (text, intervals)


def test_neighbours_of_one_label_are_one_interval():
    windows = table((0, 1, "sad"), (1, 2, "sad"), (2, 3, "happy"), (3, 4, "sad"))
    assert intervals_of(windows) == [(0, 2, "sad"), (2, 3, "happy"), (3, 4, "sad")]


def test_windows_meet_in_the_middle_of_what_they_share():
    windows = table((0, 2, "sad"), (1, 3, "happy"), (2, 4, None))
    assert intervals_of(windows) == [(0, 1.5, "sad"), (1.5, 2.5, "happy"), (2.5, 4, "")]


def test_what_is_in_no_window_has_no_text():
    windows = table((1, 2, "sad"), (3, 4, "sad"))
    assert intervals_of(windows) == [(0, 1, ""), (1, 2, "sad"), (2, 3, ""), (3, 4, "sad")]
