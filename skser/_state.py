"""Restore the state of an estimator after a failed call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.base import BaseEstimator


@contextmanager
def restored_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Restore the attributes of an estimator if the body raises or is interrupted.

    Attributes that the body replaces are restored, but in-place changes are not, so fitted
    attributes must be replaced.

    Parameters
    ----------
    estimator : estimator
        Estimator whose attributes are restored.

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
