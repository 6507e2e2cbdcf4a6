import re

import numpy as np
from matplotlib import rcParams

from skser.report._svg import draw, draw_each


def test_text_is_escaped_and_is_no_formula():
    svg = draw(lambda ax: ax.set_title("<script>$\\frac & \"'"), "a", "a picture")
    assert "&lt;script&gt;$\\frac &amp;" in svg
    assert "<script" not in svg


def test_the_description_is_an_attribute_that_cannot_be_left():
    svg = draw(lambda ax: None, "a", '"><img>')
    assert "&gt;<img" not in svg
    assert "<img" not in svg


def test_ids_differ_between_figures_and_are_referred_to():
    def plot(axes):
        for ax in axes:
            ax.imshow(np.eye(3))
            ax.plot([0, 1])

    first, second = draw_each(plot, ["a", "b"], ["one", "two"], (3, 3))
    ids, others = (re.findall(r' id="([^"]+)"', svg) for svg in (first, second))
    assert len(ids) == len(set(ids)) > 0
    assert set(ids).isdisjoint(others)
    assert set(re.findall(r"url\(#([^)]+)\)", first)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', first)) <= set(ids)


def test_ink_takes_the_colour_of_the_page():
    svg = draw(lambda ax: ax.set_title("title"), "a", "a picture")
    assert "currentColor" in svg
    assert "#010203" not in svg
    assert "#000000" not in svg


def test_the_figure_brings_no_style_and_no_date():
    svg = draw(lambda ax: ax.plot([0, 1]), "a", "a picture")
    assert "<style" not in svg
    assert "metadata" not in svg
    assert draw(lambda ax: ax.plot([0, 1]), "a", "a picture") == svg


def test_the_callers_settings_stay():
    before = dict(rcParams)
    draw(lambda ax: None, "a", "a picture")
    assert dict(rcParams) == before
