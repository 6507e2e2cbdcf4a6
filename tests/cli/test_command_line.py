"""What holds for every command: help, usage, exit codes, interruption."""

import re
import signal
import subprocess
import sys

import pytest

COMMANDS = (
    "demo",
    "describe",
    "extract",
    "select",
    "train",
    "evaluate",
    "predict",
    "report",
    "info",
)


def plain(text):
    """Return text without colours and frames, on one line."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|[─│╭╮╰╯]", " ", text).split())


def test_without_a_command_there_is_help_and_an_error(skser):
    result = skser()
    assert result.exit_code == 2
    assert "Usage: skser" in plain(result.output)


def test_help_lists_every_command(skser):
    result = skser("--help")
    assert result.exit_code == 0
    assert all(f" {command} " in plain(result.stdout) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_the_command(skser, command):
    result = skser(command, "--help")
    assert result.exit_code == 0
    if command != "demo":
        assert f"skser {command} " in plain(result.stdout).partition("Examples:")[2]


@pytest.mark.parametrize("command", ["train", "predict", "evaluate", "report"])
def test_help_warns_that_a_pickle_runs_code(skser, command):
    assert "runs code" in plain(skser(command, "--help").stdout)


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom skser.cli._app import main\n"
        "try:\n    main(['train', '--help'])\n"
        "except SystemExit:\n    print(' '.join(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    heavy = {"numpy", "sklearn", "librosa", "tensorflow", "keras", "pandas", "matplotlib"}
    assert heavy.isdisjoint(printed.split())
    assert "skser.cli" in printed


def test_the_version_is_told(skser):
    import skser as package

    assert skser("--version").stdout == f"skser {package.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["describe"],
        ["describe", "synthetic", "--loud"],
        ["train", "synthetic"],
        ["train", "synthetic", "-o", "m.skser", "--classifier", "oracle"],
        ["extract", "synthetic", "-o", "f.csv", "--deltas", "3"],
    ],
)
def test_wrong_usage_is_2(skser, arguments):
    result = skser(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


def test_bad_input_is_1_with_one_line(process):
    child = process("describe", "no/such/folder")
    stdout, stderr = child.communicate()
    assert (child.returncode, stdout) == (1, "")
    assert stderr.startswith("Error: 'no/such/folder' is neither a folder nor a table")
    assert stderr.count("\n") == 1


def test_debug_shows_where_it_went_wrong(skser):
    result = skser("--debug", "describe", "no/such/folder")
    assert result.exit_code == 1
    assert "neither a folder" in str(result.exception)


def test_warnings_are_one_line(process, clips, tmp_path):
    (tmp_path / "t.csv").write_text("path,label\nx.wav,sad\n")
    (tmp_path / "x.wav").write_bytes((clips / "sad").iterdir().__next__().read_bytes())
    child = process("describe", clips, "--label", "^(sad|angry)")
    stdout, stderr = child.communicate()
    assert child.returncode == 0
    assert stderr.startswith("Warning: 9 of 27 files are left out")
    assert stderr.count("\n") == 1
    assert "files that label= leaves out" in stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a child")
@pytest.mark.parametrize(
    ("command", "flags"),
    [
        ("extract", ["--pooling", "mean,p95"]),
        pytest.param("report", [], marks=pytest.mark.slow),
        pytest.param("select", ["--add", "chroma"], marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_is_130_and_leaves_nothing(process, tmp_path, command, flags):
    output = tmp_path / ("features.csv" if command == "extract" else "out")
    child = process(command, "synthetic", "-o", output, *flags)
    assert "150 clips" in child.stderr.readline()
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=120)
    assert child.returncode == 130
    assert "Interrupted" in stderr
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a child")
def test_a_reader_that_leaves_is_no_traceback(process):
    child = process("describe", "synthetic")
    child.stdout.close()
    stderr = child.stderr.read()
    assert "Traceback" not in stderr


def test_the_module_of_the_command_line_runs_too(process):
    child = process("--version", module="skser")
    assert child.communicate()[0].startswith("skser ")
