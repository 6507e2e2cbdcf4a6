"""Keras in this process: its threads, its backend, its seeds."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def import_keras() -> None:
    """Import TensorFlow; loky tells its workers how many threads to use, TensorFlow asks else."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdigit():
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", threads)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()!r}, but skser trains on TensorFlow. Set the "
            "environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed everything Keras draws from, and leave nothing of it behind."""
    import keras

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        # TensorFlow's seed cannot be read, so it cannot be put back: it gets one that follows
        # from the caller's own generator.
        keras.utils.set_random_seed(random.getrandbits(31))
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
