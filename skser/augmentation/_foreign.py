"""Augmenters of other packages: any callable (samples, sample_rate) -> samples."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import AudioError

_LOCK = threading.RLock()
"""Lock for the generators, which the threads of joblib's backend share."""


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators of Python and NumPy, and restore them afterwards.

    Augmenters of other packages use them, but the caller must not find them changed.
    """
    with _LOCK:
        state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            random.setstate(state)
            np.random.set_state(numpy_state)  # noqa: NPY002


def call_seeded(
    augment: Callable[[Any, float], Any], y: NDArray[np.float32], sr: float, seed: int
) -> Any:
    """Call an augmenter of another package so that its randomness depends on the seed only."""
    with seeded(seed):
        return augment(y.copy(), sr)


def check_output(output: Any, augment: Any) -> NDArray[np.float32]:
    """Return the output of an augmenter as float32, or raise `AudioError` if it is not a clip."""
    name = getattr(augment, "__name__", type(augment).__name__)
    if not hasattr(output, "__array__"):
        raise AudioError(
            f"{name} returned {type(output).__name__}, but an array of samples is expected. "
            "An augmenter takes (samples, sample_rate) and returns the new samples."
        )
    y = np.asarray(output)
    if y.dtype.kind != "f":
        raise AudioError(
            f"{name} returned samples of dtype {y.dtype}, but floating point in [-1, 1] is "
            "expected. Convert them in the augmenter."
        )
    if y.ndim != 1:
        raise AudioError(
            f"{name} returned an array of shape {y.shape}, but a 1-D array (mono) is expected."
        )
    if y.size == 0:
        raise AudioError(
            f"{name} returned 0 samples. Change the augmenter to return such short clips as they "
            "are."
        )
    with np.errstate(over="ignore"):
        samples = np.ascontiguousarray(y, dtype=np.float32)
    if not np.isfinite(samples).all():
        raise AudioError(
            f"{name} returned NaN, infinity, or a value too large for float32. Check whether it "
            "divides by the level of a silent clip, or amplifies too much."
        )
    return samples
