"""What a notebook shows of a display."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from skser import WaveformDisplay

matplotlib.use("Agg")

PNG = b"\x89PNG"


@pytest.fixture
def display():
    yield WaveformDisplay(np.zeros(100, np.float32), 8000, title="a.wav")
    plt.close("all")


def test_one_that_was_not_drawn_is_shown_as_its_picture(display):
    assert display._repr_png_().startswith(PNG)
    assert repr(display) == "<WaveformDisplay of 'a.wav': plot() draws it>"
    assert not plt.get_fignums()


def test_a_picture_is_not_shown_twice_in_a_cell(display):
    display.plot()
    assert display._repr_png_() is None
    assert repr(display) == "<WaveformDisplay of 'a.wav'>"


def test_a_later_cell_shows_what_was_drawn(display):
    figure, ax = plt.subplots()
    display.plot(ax)
    plt.close(figure)
    assert display._repr_png_().startswith(PNG)
    assert display.ax_ is ax


def test_another_figure_of_the_same_number_is_not_taken_for_its_own(display):
    display.plot()
    plt.close(display.figure_)
    other = plt.figure(display.figure_.number)
    assert display._repr_png_().startswith(PNG)
    current = plt.figure()
    assert display._repr_png_().startswith(PNG)
    assert plt.gcf() is current
    assert plt.get_fignums() == [other.number, current.number]


def test_a_part_of_a_figure_is_shown_with_the_whole(display):
    figure = plt.figure()
    display.plot(figure.subfigures(1, 2)[0].subplots())
    assert display._repr_png_() is None
    plt.close(figure)
    assert display._repr_png_().startswith(PNG)
