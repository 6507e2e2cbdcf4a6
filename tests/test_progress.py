"""Progress bars are shown where a person looks."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import skser._progress
from skser import RMS, make_audio_union


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clips():
    return [np.ones(800, np.float32)] * 3


@pytest.fixture
def no_patience(monkeypatch):
    monkeypatch.setattr(skser._progress, "_PATIENCE", 0)


def bar_on(stream, clips, monkeypatch, **how):
    monkeypatch.setattr(sys, "stderr", stream)
    make_audio_union(RMS(), **how).fit_transform(clips)
    return stream.getvalue()


def test_a_terminal_gets_a_bar(clips, monkeypatch, no_patience):
    assert "/3 " in bar_on(Terminal(), clips, monkeypatch)


def test_what_takes_no_time_gets_none(clips, monkeypatch):
    assert bar_on(Terminal(), clips, monkeypatch) == ""


def test_a_pipe_gets_none(clips, monkeypatch, no_patience):
    assert bar_on(io.StringIO(), clips, monkeypatch) == ""


def test_without_stderr_there_is_none(clips, monkeypatch, no_patience):
    monkeypatch.setattr(sys, "stderr", None)
    make_audio_union(RMS()).fit_transform(clips)


def test_a_worker_shows_none(clips, monkeypatch, no_patience):
    monkeypatch.setattr(skser._progress.current_process(), "name", "LokyProcess-1")
    assert bar_on(Terminal(), clips, monkeypatch) == ""


@pytest.mark.parametrize("progress", [True, False])
def test_the_parameter_decides(clips, monkeypatch, progress):
    stream = io.StringIO() if progress else Terminal()
    assert ("3/3" in bar_on(stream, clips, monkeypatch, progress=progress)) is progress


def test_other_values_are_refused(clips):
    with pytest.raises(ValueError, match="progress"):
        make_audio_union(RMS(), progress="loud").fit(clips)


class Handle:
    """What IPython returns for a display that can be updated."""

    def __init__(self, shown):
        self.shown = shown

    def update(self, output, raw):
        self.shown[-1] = output["text/plain"]


@pytest.fixture
def notebook(monkeypatch):
    """A kernel in this process, as far as skser asks; return the outputs of its cell."""
    shown = []

    def display(output, raw, display_id):
        shown.append(output["text/plain"])
        return Handle(shown)

    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    return shown


def test_a_notebook_gets_an_output_that_is_emptied_and_nothing_on_stderr(
    clips, monkeypatch, no_patience, notebook
):
    assert bar_on(io.StringIO(), clips, monkeypatch) == ""
    assert notebook == [""]


def test_a_bar_that_is_asked_for_stays_in_the_notebook(clips, monkeypatch, notebook):
    assert bar_on(io.StringIO(), clips, monkeypatch, progress=True) == ""
    assert len(notebook) == 1 and "3/3" in notebook[0]


def test_what_takes_no_time_leaves_no_output_in_a_notebook(clips, monkeypatch, notebook):
    bar_on(io.StringIO(), clips, monkeypatch)
    assert notebook == []
