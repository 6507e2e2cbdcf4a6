"""What reaches stderr when TensorFlow is imported, in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import skser

FIT = """
import os, sys
def settings():
    return {name: value for name, value in os.environ.items() if name.startswith("TF_")}
before = settings()
import numpy as np
from skser import Conv1DClassifier
X = np.random.default_rng(0).normal(size=(8, 5))
Conv1DClassifier(epochs=1, validation_split=0.25).fit(X, [0, 1] * 4).predict(X)
assert settings() == before
os.write(2, b"written at the end\\n")
"""

# The file alone: what else the package imports takes seconds.
LOAD = f"import sys; sys.path.insert(0, {str(Path(skser.__file__).parent / 'neural')!r}); "
IMPORT = LOAD + "import _keras; _keras.import_keras()"


def run(code, tmp_path=None, **variables):
    """Run code, with a stand-in for TensorFlow where there is one; return what it gave."""
    paths = [] if tmp_path is None else [str(tmp_path)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
        "PYTHONPATH": os.pathsep.join([*paths, *filter(None, sys.path)]),
        **variables,
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture
def stand_in(tmp_path):
    """Write modules that do what TensorFlow and Keras could; return their folder."""
    (tmp_path / "keras.py").write_text(
        "class backend:\n    backend = staticmethod(lambda: 'tensorflow')\n"
    )

    def write(code):
        config = "\nclass config:\n    list_logical_devices = staticmethod(lambda: None)\n"
        (tmp_path / "tensorflow.py").write_text(f"import os\n{code}{config}")
        return tmp_path

    return write


HARMLESS = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795277023.852403    5017 port.cc:153] oneDNN custom operations are on.\n"
    "E0000 00:00:1795280421.681931    1633 cuda_platform.cc:52] failed call to cuInit: INTERNAL: "
    "CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)\n"
)


@pytest.mark.slow
def test_nothing_is_written_where_nothing_is_wrong():
    result = run(FIT)
    assert result.returncode == 0, result.stderr
    assert (result.stdout, result.stderr) == ("", "written at the end\n")


@pytest.mark.slow
def test_nothing_is_written_by_the_import_of_the_layers():
    assert run("from skser.neural.layers import MaskPadding").stderr == ""


@pytest.mark.slow
def test_nothing_is_written_by_the_import_of_the_converter_to_onnx():
    code = "from skser.persistence._onnx_keras import import_tf2onnx; import_tf2onnx()"
    assert run(code).stderr == ""


@pytest.mark.slow
def test_nothing_is_written_by_workers():
    code = """
import numpy as np
from sklearn.model_selection import cross_val_score
from skser import DenseClassifier
X = np.random.default_rng(0).normal(size=(8, 5))
cross_val_score(DenseClassifier(epochs=1), X, [0, 1] * 4, cv=2, n_jobs=2)
"""
    assert run(code).stderr == ""


def test_harmless_lines_are_left_out_and_no_others(stand_in):
    written = f"before\n{HARMLESS}after".encode()
    folder = stand_in(f"os.write(2, {written!r})")
    result = run(f"{IMPORT}; import os; os.write(2, b'later\\n')", folder)
    assert result.stderr == "before\nafterlater\n"


def test_all_is_written_where_the_user_asks_for_it(stand_in):
    folder = stand_in(f"os.write(2, {HARMLESS.encode()!r})")
    assert run(IMPORT, folder, TF_CPP_MIN_LOG_LEVEL="0").stderr == HARMLESS


@pytest.mark.parametrize(("given", "seen"), [({}, "2"), ({"TF_CPP_MIN_LOG_LEVEL": "1"}, "1")])
def test_a_level_of_the_user_is_kept(stand_in, given, seen):
    folder = stand_in("print(os.environ['TF_CPP_MIN_LOG_LEVEL'])")
    code = f"{IMPORT}; import os; print(os.environ.get('TF_CPP_MIN_LOG_LEVEL'))"
    left = given.get("TF_CPP_MIN_LOG_LEVEL")
    assert run(code, folder, **given).stdout == f"{seen}\n{left}\n"


def test_a_tensorflow_that_cannot_be_imported_says_why(stand_in):
    folder = stand_in("os.write(2, b'E no such library\\n'); raise ImportError('broken')")
    result = run(IMPORT, folder)
    assert result.returncode == 1
    assert result.stderr.startswith("E no such library\nTraceback")
    assert result.stderr.endswith("ImportError: broken\n")


def test_a_tensorflow_that_brings_the_process_down_says_why(stand_in):
    folder = stand_in("os.write(2, b'F needs AVX'); os.abort()")
    result = run(IMPORT, folder)
    assert result.returncode != 0
    assert result.stderr == "F needs AVX"


def test_what_another_thread_starts_meanwhile_can_still_write(stand_in):
    late = "import sys, time; sys.stdin.read(); sys.stderr.write('late')"
    folder = stand_in(
        "import subprocess, sys, builtins\n"
        f"builtins.child = subprocess.Popen([sys.executable, '-c', {late!r}], stdin=-1)"
    )
    code = (
        f"{LOAD}import _keras as k; k._SECONDS_TO_DRAIN = 0; k.import_keras()\n"
        "child.communicate(); [f.wait() for f in k._still_filtering]"
    )
    result = run(code, folder)
    assert (result.returncode, result.stderr) == (0, "late")


@pytest.mark.skipif(sys.platform == "win32", reason="closes stderr by a shell")
@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/null", "2>log.txt"])
def test_stderr_may_be_closed_or_a_file(stand_in, redirect, tmp_path):
    folder = stand_in("os.path.exists('/') and os.write(1, b'imported')")
    command = f'cd {tmp_path}; "{sys.executable}" -c "{IMPORT}" {redirect}'
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    result = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "imported")


@pytest.mark.parametrize("executable", ["", "/no/such/python", "/bin/true"])
def test_without_an_interpreter_nothing_is_left_out(stand_in, executable):
    if executable == "/bin/true" and not Path(executable).exists():
        pytest.skip("no /bin/true")
    folder = stand_in(f"os.write(2, {HARMLESS.encode()!r})")
    result = run(f"{LOAD}sys.executable = {executable!r}; {IMPORT}", folder)
    assert (result.returncode, result.stderr) == (0, HARMLESS)


def test_threads_follow_what_loky_asks_for(stand_in):
    folder = stand_in("print(os.environ['TF_NUM_INTRAOP_THREADS'])")
    code = f"{IMPORT}; import os; print('TF_NUM_INTRAOP_THREADS' in os.environ)"
    assert run(code, folder, OMP_NUM_THREADS="3").stdout == "3\nFalse\n"
