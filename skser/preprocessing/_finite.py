"""Which sample holds NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from skser.exceptions import AudioError


@contextmanager
def naming_what_is_not_finite(X: Any) -> Iterator[None]:
    """Have scikit-learn's refusal of NaN or infinity in an array say which sample holds it.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        What is checked within the context.

    Raises
    ------
    AudioError
        If the check fails, and a sample is not finite.
    """
    try:
        yield
    except ValueError as error:
        values = np.asarray(X) if hasattr(X, "__array__") else np.empty(0)
        if values.dtype.kind == "f":
            for index, value in enumerate(values):
                if not np.isfinite(value).all():
                    raise not_finite(index) from error
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
