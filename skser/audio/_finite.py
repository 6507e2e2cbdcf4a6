"""Errors that name the sample with NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from skser.exceptions import AudioError

_REFUSALS = ("contains NaN", "contains infinity")
"""Phrases in scikit-learn's error message about an array that is not finite."""


@contextmanager
def report_nonfinite_sample(X: Any) -> Iterator[None]:
    """Name the sample at fault when scikit-learn rejects NaN or infinity in an array.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Array that is validated within the context.

    Raises
    ------
    AudioError
        If the validation fails because a sample is not finite, or too large for float32.
    """
    try:
        yield
    except ValueError as error:
        if any(refusal in str(error) for refusal in _REFUSALS):
            for index, values in enumerate(_as_numbers(X)):
                if not np.isfinite(values).all():
                    raise not_finite(index) from error
                if np.abs(values).max(initial=0) > np.finfo(np.float32).max:
                    raise AudioError(
                        f"X[{index}] contains a value too large for float32. Scale X, or leave "
                        "the sample out."
                    ) from error
        raise


def not_finite(index: int) -> AudioError:
    """Return the error to raise for a sample that is not finite.

    Parameters
    ----------
    index : int
        Index of the sample in X.

    Returns
    -------
    error : AudioError
    """
    return AudioError(f"X[{index}] contains NaN or infinity. Leave it out, or compute it again.")


def _as_numbers(X: Any) -> Any:
    """Return the samples as arrays of numbers, or an empty tuple if X is not numeric."""
    try:
        values = np.asarray(X)
        values = values if values.dtype.kind == "f" else values.astype(np.float64)
    except (TypeError, ValueError):
        return ()
    return values if values.ndim else ()
