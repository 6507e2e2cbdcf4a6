"""Set up Keras in this process: import, threads, log messages, backend and seeds."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np

_HARMLESS = "|".join(
    [
        r"I\d{4} [\d:.]+ +\d+ [\w/]+\.cc:\d+\] ",
        r"WARNING: All log messages before absl::InitializeLog\(\) is called",
        r"E.*failed call to cuInit: .*(UNKNOWN ERROR \(303\)|CUDA_ERROR_NO_DEVICE)",
        r"E.*Unable to register cu(FFT|DNN|BLAS) factory",
        r"W.*computation placer already registered",
    ]
)
"""Beginnings of lines that TensorFlow writes to stderr although nothing is wrong: information,
and what it misses on a machine without a GPU."""

_FILTER = """
import os, re, sys
harmless = re.compile(sys.argv[1].encode())
os.write(1, b"ready")
os.close(1)
for line in sys.stdin.buffer:
    if not harmless.match(line):
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
"""

_SECONDS_TO_DRAIN = 5

_MISSING = (
    "The networks of skser need {}, which is not installed. Run pip install tensorflow keras "
    "scikeras. A trained network predicts without them from a file that contains its graph: "
    "save_model(..., onnx=True), then load_model(path, runtime='onnx')."
)


def import_keras() -> None:
    """Import TensorFlow and Keras without their harmless messages.

    loky sets the number of threads of its workers in OMP_NUM_THREADS, while TensorFlow reads
    other variables. These, and the one for the level of logging, are set until it has read them.

    Raises
    ------
    ImportError
        If one of them is not installed.
    RuntimeError
        If Keras uses a backend other than TensorFlow.
    """
    for name in ("tensorflow", "keras", "scikeras"):
        if sys.modules.get(name) is None and find_spec(name) is None:
            raise ImportError(_MISSING.format(name), name=name)
    if "tensorflow" not in sys.modules:
        settings = {}
        threads = os.environ.get("OMP_NUM_THREADS", "")
        if threads.isdigit():
            settings = {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}
        with _variables({**settings, "TF_CPP_MIN_LOG_LEVEL": "2"}), _without_harmless_lines():
            import tensorflow as tf

            # Without this, it would look for devices, and report it, in the first training.
            tf.config.list_logical_devices()
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()!r}, but skser needs TensorFlow. Set the "
            "environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        )


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set those environment variables that are not set yet."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _without_harmless_lines() -> Iterator[None]:
    """Filter harmless messages of TensorFlow out of what is written to file descriptor 2.

    A separate process passes on every other line at once, including what other threads write and
    what TensorFlow writes before it crashes this process. Nothing is filtered if the user has
    asked for all messages (TF_CPP_MIN_LOG_LEVEL=0), or if no such process can be started.
    """
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0" or (started := _start_filter()) is None:
        yield
        return
    filtering, stderr = started
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        try:
            filtering.wait(_SECONDS_TO_DRAIN)
        except subprocess.TimeoutExpired:
            # Meanwhile, another thread has started a process that uses the filter as its stderr.
            _still_filtering.append(filtering)


_still_filtering: list[subprocess.Popen[bytes]] = []


def _start_filter() -> tuple[subprocess.Popen[bytes], int] | None:
    """Put a filter before stderr; return it, and a descriptor of the original stderr."""
    # A frozen application is its own executable; pythonw and daemons have no stderr.
    if not sys.executable or hasattr(sys, "frozen") or sys.stderr is None:
        return None
    try:
        stderr = os.dup(2)
    except OSError:
        return None
    command = [sys.executable, "-I", "-S", "-c", _FILTER, _HARMLESS]
    try:
        # A new session, so that Ctrl-C does not end the filter before the process it serves.
        filtering = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    except OSError:
        os.close(stderr)
        return None
    assert filtering.stdin is not None
    assert filtering.stdout is not None
    with filtering.stdin, filtering.stdout:
        # Where Python is embedded in a server, sys.executable is not Python.
        if filtering.stdout.read() == b"ready":
            os.dup2(filtering.stdin.fileno(), 2)
            return filtering, stderr
    filtering.wait()
    os.close(stderr)
    return None


@contextmanager
def without_retracing_warnings() -> Iterator[None]:
    """Silence TensorFlow's warning after five networks in a row that train for one epoch each.

    TensorFlow counts calls and traces of Keras' training step over all networks.
    """
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_not_of_retracing)
    try:
        yield
    finally:
        logger.removeFilter(_is_not_of_retracing)


def _is_not_of_retracing(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not ("TensorFlowTrainer" in message and "triggered tf.function retracing" in message)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed every generator that Keras draws from, and restore them afterwards."""
    import keras

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        # TensorFlow's seed cannot be read, so it cannot be restored: it is drawn from the
        # caller's own generator instead.
        keras.utils.set_random_seed(random.getrandbits(31))
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
