"""Names of files and labels that a terminal would obey."""

import json
import os
import re
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch
from typer.testing import CliRunner

from skser.cli._app import _show_warning, _showing_each_once, app

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such names there")

TITLE = "\x1b]0;owned\x07"
"""Sets the title of a terminal."""

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def named(clips, tmp_path):
    """A folder of clips with hostile labels and names."""
    for emotion in ("sad", "angry"):
        folder = tmp_path / "named" / f"{emotion}{TITLE}"
        folder.mkdir(parents=True)
        for i, clip in enumerate(sorted((clips / emotion).iterdir())[:4]):
            # The first two are alike, and so described.
            sound = clip if i else sorted((clips / emotion).iterdir())[1]
            (folder / f"s0{i % 2}_{i}\x1b[31m\t\n\u202e.wav").write_bytes(sound.read_bytes())
    return tmp_path / "named"


COMMANDS = {
    "describe": [],
    "extract": ["-o", "features.csv", "--features", "rms"],
    "train": ["-o", "model.skser", "--features", "rms"],
    "evaluate": ["--features", "rms", "--folds", "2", "--speaker", r"(s\d+)_"],
    "select": ["--keep", "rms", "--add", "zcr", "--folds", "2", "--speaker", r"(s\d+)_"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_what_a_terminal_obeys(skser, named, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    result = skser(command, named, *COMMANDS[command])
    assert result.exit_code == 0, result.stderr
    assert not OBEYED.search(result.output)


def test_describe_shows_the_names_with_escapes(skser, named):
    described = skser("describe", named)
    assert r"sad\x1b]0;owned\x07" in described.stdout
    assert r"\x1b[31m\t\n\u202e.wav = " in described.stdout
    assert all(line.startswith("  ") for line in described.stdout.splitlines() if "owned" in line)


def test_train_names_the_classes_with_escapes(skser, named, tmp_path):
    trained = skser("train", named, "-o", tmp_path / "m.skser", "--features", "rms")
    assert r"sad\x1b]0;owned\x07" in trained.stderr


@pytest.fixture
def hostile_model(skser, named, tmp_path):
    path = tmp_path / "hostile.skser"
    assert skser("train", named, "-o", path, "--features", "rms").exit_code == 0
    return path


def test_predict_prints_one_clean_line_a_file(skser, named, hostile_model):
    files = sorted(named.glob("sad*/*"))
    result = skser("predict", hostile_model, *files)
    assert result.exit_code == 0
    assert not OBEYED.search(result.output)
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [len(row) for row in rows] == [3] * len(files)
    assert rows[0][0].endswith(r"s00_0\x1b[31m\t\n\u202e.wav")
    assert {row[1] for row in rows} <= {r"sad\x1b]0;owned\x07", r"angry\x1b]0;owned\x07"}


def test_json_has_the_names_as_they_are(skser, named, hostile_model):
    file = sorted(named.glob("sad*/*"))[0]
    result = skser("predict", hostile_model, file, "--json")
    assert not OBEYED.search(result.output)
    (predicted,) = json.loads(result.stdout)
    assert predicted["file"] == str(file)
    assert predicted["label"] in (f"sad{TITLE}", f"angry{TITLE}")


def test_a_table_has_the_names_as_they_are(skser, named, tmp_path):
    skser("extract", named, "-o", tmp_path / "f.csv", "--features", "rms")
    table = pd.read_csv(tmp_path / "f.csv")
    assert len(table) == 8
    assert all(map(os.path.exists, table["path"]))


def test_a_file_whose_name_is_no_text_is_predicted(clips, model, tmp_path):
    file = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")
    with open(file, "wb") as copy:
        copy.write(next((clips / "sad").iterdir()).read_bytes())
    result = CliRunner().invoke(app, ["predict", str(model), file])
    assert result.exit_code == 0, result.stderr
    assert r"caf\udce9.wav" in result.stdout


@pytest.fixture
def unreadable_name(clips, tmp_path, monkeypatch):
    """A corpus, in a frame such as pandas can hold it, with a name that is no text."""
    file = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")
    with open(file, "wb") as copy:
        copy.write(next((clips / "sad").iterdir()).read_bytes())
    paths = np.array([file], dtype=object)
    frame = pd.DataFrame({"path": pd.Series(paths, dtype=object)})
    corpus = Bunch(data=paths, frame=frame)
    monkeypatch.setattr("skser.cli._extract.open_corpus", lambda _: corpus)
    return os.fsencode(file)


def test_a_csv_table_holds_the_bytes_of_a_name_that_is_no_text(skser, unreadable_name, tmp_path):
    result = skser("extract", "any", "-o", tmp_path / "f.csv", "--features", "rms")
    assert result.exit_code == 0, result.stderr
    assert unreadable_name in (tmp_path / "f.csv").read_bytes()


def test_a_parquet_table_refuses_such_a_name_before_the_work(skser, unreadable_name, tmp_path):
    pytest.importorskip("pyarrow")
    result = skser("extract", "any", "-o", tmp_path / "f.parquet", "--features", "rms")
    assert result.exit_code == 1
    assert "cannot be encoded in UTF-8" in result.stderr
    assert "clips" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["describe", f"no{TITLE}.csv"], 1),
        (["predict", f"no{TITLE}.skser", "a.wav"], 1),
        (["describe", "synthetic", f"extra{TITLE}"], 2),
        (["extract", "synthetic", "-o", "f.csv", "--deltas", f"1{TITLE}"], 2),
        ([f"sing{TITLE}"], 2),
    ],
)
def test_messages_hold_nothing_that_a_terminal_obeys(skser, arguments, code):
    result = skser(*arguments)
    assert result.exit_code == code
    assert not OBEYED.search(result.output)


def test_warnings_hold_nothing_that_a_terminal_obeys(capsys):
    _show_warning(UserWarning(f"left out: {TITLE}"))
    assert capsys.readouterr().err == "Warning: left out: \\x1b]0;owned\\x07\n"


def test_a_warning_that_is_repeated_in_each_fold_is_shown_once(capsys):
    show = _showing_each_once()
    for text in ("too few speakers", "too few speakers", "another"):
        show(UserWarning(text))
    assert capsys.readouterr().err == "Warning: too few speakers\nWarning: another\n"
