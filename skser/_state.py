"""What a failed call leaves behind: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.base import BaseEstimator


@contextmanager
def restored_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Give an estimator back the attributes it had, if the body raises or is interrupted.

    Attributes that the body replaces come back; what it changes in place does not, so fitted
    attributes must be replaced.

    Parameters
    ----------
    estimator : estimator
        Whose attributes are restored.

    Yields
    ------
    None
    """
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
