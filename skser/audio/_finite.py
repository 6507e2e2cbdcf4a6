"""Which sample holds NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from skser.exceptions import AudioError

_REFUSALS = ("contains NaN", "contains infinity")
"""What scikit-learn's message says of an array that is not finite."""


@contextmanager
def report_nonfinite_sample(X: Any) -> Iterator[None]:
    """Have scikit-learn's refusal of NaN or infinity in an array say which sample holds it.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        What is checked within the context.

    Raises
    ------
    AudioError
        If the check fails, and a sample is not finite, or too large for float32.
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
    """Return what is raised for a sample that is not finite.

    Parameters
    ----------
    index : int
        Which of X.

    Returns
    -------
    error : AudioError
    """
    return AudioError(f"X[{index}] contains NaN or infinity. Leave it out, or compute it anew.")


def _as_numbers(X: Any) -> Any:
    """Return the samples as arrays of numbers; none where X is not an array of numbers."""
    try:
        values = np.asarray(X)
        values = values if values.dtype.kind == "f" else values.astype(np.float64)
    except (TypeError, ValueError):
        return ()
    return values if values.ndim else ()
