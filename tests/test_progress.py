"""Progress bars are shown where a person looks."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

import skser._progress
from skser import RMS, ZCR, SequentialGroupSelector, load_folder, load_table, make_audio_union
from skser._progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clips():
    return [np.ones(800, np.float32)] * 3


@pytest.fixture
def no_patience(monkeypatch):
    monkeypatch.setattr(skser._progress, "_PATIENCE", 0)
    # Otherwise a test would continue the line of the one before it.
    monkeypatch.setattr(skser._progress, "_series", skser._progress._Series())


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


@pytest.fixture
def pipeline():
    return Pipeline([("features", make_audio_union(ZCR(), RMS())), ("classify", SVC())])


@pytest.fixture
def labelled():
    return [np.ones(4410, np.float32)] * 12, [0, 1] * 6


def lines_of(stream):
    """What was drawn on the line, one after the other; what erases it is blank."""
    assert "\n" not in stream.getvalue()
    drawn = [line.strip() for line in stream.getvalue().split("\r")]
    assert drawn[-1] == ""
    return [line for line in drawn if line]


def test_the_folds_of_a_search_continue_one_line(pipeline, labelled, monkeypatch, no_patience):
    monkeypatch.setattr(sys, "stderr", Terminal())
    GridSearchCV(pipeline, {}, cv=2).fit(*labelled)
    first, *others = lines_of(sys.stderr)
    assert first.startswith("0%|") and "0/6 [" in first
    done = [line.split(" done, now ")[0] for line in others if "done" in line]
    assert [*dict.fromkeys(done)] == ["6", "12", "18", "24"]


def test_after_a_pause_a_new_bar_begins(pipeline, labelled, monkeypatch, no_patience):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(skser._progress, "_PAUSE", -1)
    GridSearchCV(pipeline, {}, cv=2).fit(*labelled)
    assert not any("done" in line for line in lines_of(sys.stderr))


@pytest.mark.parametrize(
    ("how", "total"), [({"direction": "backward"}, "/3 ["), ({"direction": "floating"}, "set [")]
)
@pytest.mark.parametrize("stored", [False, True])
def test_a_selector_has_one_bar_of_its_sets(
    pipeline, labelled, monkeypatch, no_patience, tmp_path, how, total, stored
):
    monkeypatch.setattr(sys, "stderr", Terminal())
    pipeline.set_params(features__memory=tmp_path if stored else None)
    SequentialGroupSelector(pipeline, cv=2, **how).fit(*labelled)
    lines = lines_of(sys.stderr)
    assert all(total in line for line in lines)


def test_the_parameter_of_the_union_decides_on_the_bar_of_a_selector(
    pipeline, labelled, monkeypatch, no_patience
):
    monkeypatch.setattr(sys, "stderr", Terminal())
    pipeline.set_params(features__progress=False)
    SequentialGroupSelector(pipeline, cv=2).fit(*labelled)
    assert sys.stderr.getvalue() == ""


def test_what_runs_while_a_bar_is_shown_is_counted_in_its_text(monkeypatch, no_patience):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("tqdm.std.tqdm.monitor_interval", 0)
    with progress_bar(2, "auto", unit="set") as outer:
        for _ in range(2):
            with progress_bar(3, "auto") as inner:
                inner.update(3)
            outer.update(1)
            outer.refresh()
    assert any("1/2 [" in line and ", 3/3 clips]" in line for line in lines_of(sys.stderr))


@pytest.mark.parametrize("table", [False, True])
def test_a_loader_counts_the_files(monkeypatch, no_patience, tmp_path, table):
    monkeypatch.setattr(sys, "stderr", Terminal())
    paths = [tmp_path / label / f"{i}.wav" for label in ("calm", "sad") for i in range(2)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.zeros(80), 8000)
    if table:
        load_table(pd.DataFrame({"path": paths, "label": [path.parent.name for path in paths]}))
    else:
        load_folder(tmp_path)
    assert all("/4 [" in line and "file" in line for line in lines_of(sys.stderr))


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


def test_a_search_has_one_output_in_its_cell(
    pipeline, labelled, monkeypatch, no_patience, notebook
):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    GridSearchCV(pipeline, {}, cv=2).fit(*labelled)
    assert notebook == [""]


def test_a_bar_that_is_asked_for_stays_in_the_notebook(clips, monkeypatch, notebook):
    assert bar_on(io.StringIO(), clips, monkeypatch, progress=True) == ""
    assert len(notebook) == 1 and "3/3" in notebook[0]


def test_what_takes_no_time_leaves_no_output_in_a_notebook(clips, monkeypatch, notebook):
    bar_on(io.StringIO(), clips, monkeypatch)
    assert notebook == []
