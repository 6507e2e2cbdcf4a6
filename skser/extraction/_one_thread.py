"""Linear algebra on one thread while clips are computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import get_cached_controller

_SET = threading.Lock()
"""Held while the bound is set: of two that overlap, one could restore what the other has set."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Bound the threads of BLAS to one, and give the user's setting back.

    The matrices of a clip are small: threads do not make their products faster, and on cores that
    are busy they make them wait for each other. The bound is that of the process: where a call in
    another thread has set it, this one relies on that.
    """
    if not _SET.acquire(blocking=False):
        yield
        return
    try:
        with get_cached_controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        _SET.release()
