"""State of an estimator: all of a fit, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def restored_on_failure(estimator: object) -> Iterator[None]:
    """Give an estimator its attributes back if the fit in the block fails.

    A fit that is interrupted counts as failed. Attributes are restored, not their contents: a fit
    replaces a fitted attribute and never changes it in place.

    Parameters
    ----------
    estimator : object
        The estimator that is being fitted.
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
