"""Every example in the help and in the guide runs, as it is printed."""

import glob
import re
import shlex
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from skser import make_emotional_speech
from skser.cli._app import app
from skser.neural import _conv2d

COMMANDS = (
    *("describe", "extract", "select", "train", "evaluate", "predict"),
    *("timeline", "listen", "report"),
)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "command-line.md"
EMOTIONS = {"angry": "05", "neutral": "01", "sad": "04"}


def examples_of(command, columns):
    """Return the examples in the help of a command, as a terminal of this width shows them."""
    arguments = [*command, "--help"]
    shown = CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)}, color=False)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout).splitlines()
    return [line.strip() for line in lines if line.strip().startswith("skser ")]


HELP = [[], *([name] for name in COMMANDS)]
PRINTED = [example for command in HELP for example in examples_of(command, 80)]
IN_THE_GUIDE = re.findall(r"^\$ (skser .*)$", GUIDE.read_text(), flags=re.M)


def as_parameter(example):
    # These train a network, make a page, or fit every feature.
    words = ("conv1d", "--model best", " report ", "--list-features")
    takes_long = any(word in example for word in words)
    return pytest.param(example, marks=pytest.mark.slow if takes_long else ())


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with what the examples name: corpora, a table, calls, a model."""
    root = tmp_path_factory.mktemp("workplace")
    speech = make_emotional_speech(3, 2, emotions=list(EMOTIONS), random_state=0)
    rows = ["path,emotion,speaker"]
    for take, (clip, emotion, speaker) in enumerate(
        zip(speech.data, speech.target, speech.groups, strict=True)
    ):
        number = int(speaker[1:])
        in_the_table = f"clips/{emotion}/speaker{number}_{emotion}_take{take}.wav"
        for name in (
            in_the_table,
            f"recordings/{speaker}/{take}_{emotion}.wav",
            f"data/ravdess/Actor_{number:02d}/"
            f"03-01-{EMOTIONS[emotion]}-01-{take % 2 + 1:02d}-{take % 3 + 1:02d}-{number:02d}.wav",
        ):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, clip.y, int(clip.sr))
        rows.append(f"{in_the_table},{emotion},{speaker}")
    (root / "clips.csv").write_text("\n".join(rows))
    (root / "calls").mkdir()
    for name in ("new.wav", "calls/first.wav", "calls/second.wav"):
        soundfile.write(root / name, speech.data[0].y, int(speech.data[0].sr))
    return root


@pytest.fixture(scope="module")
def trained(workplace):
    """The bytes of a model file, which some examples replace by another."""
    path = workplace / "trained.skser"
    flags = ["-o", str(path), "--features", "mfcc,rms"]
    result = CliRunner().invoke(app, ["train", str(workplace / "clips"), *flags])
    assert result.exit_code == 0, result.output
    return path.read_bytes()


@pytest.fixture
def small_test_signal(monkeypatch):
    def make(**_):
        return make_emotional_speech(3, 2, emotions=list(EMOTIONS), random_state=0)

    monkeypatch.setattr("skser.datasets._load_corpus.make_emotional_speech", make)


@pytest.mark.parametrize("command", HELP, ids=lambda command: " ".join(command))
def test_help_has_examples_that_fit_a_terminal(command):
    examples = examples_of(command, 80)
    assert len(examples) >= 2
    assert examples == examples_of(command, 200)


@pytest.mark.parametrize(
    "example", [as_parameter(line) for line in dict.fromkeys(PRINTED + IN_THE_GUIDE)]
)
def test_an_example_runs(skser, workplace, trained, small_test_signal, monkeypatch, example):
    if ".parquet" in example:
        pytest.importorskip("pyarrow")
    # What is printed runs as it is; that its network learns something is tested elsewhere.
    monkeypatch.setitem(_conv2d.RECOMMENDED, "epochs", 1)
    monkeypatch.chdir(workplace)
    (workplace / "model.skser").write_bytes(trained)
    program, *arguments = shlex.split(example)
    assert program == "skser"
    # What a shell does, which splits words but also looks for files.
    found = [sorted(glob.glob(word)) if "*" in word else [word] for word in arguments]
    result = skser(*[word for words in found for word in words])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("command", ["describe", "evaluate"])
def test_help_prints_the_brackets_of_an_expression(skser, command):
    assert "([a-z]+)" in skser(command, "--help").stdout


def test_help_without_rich_prints_no_escapes(process, monkeypatch):
    monkeypatch.setenv("TYPER_USE_RICH", "0")
    shown = process("describe", "--help").communicate()[0]
    assert "--label '([a-z]+)_take' --speaker 'speaker(\\d+)'" in shown
