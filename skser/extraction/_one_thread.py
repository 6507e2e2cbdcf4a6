"""Restrict linear algebra to one thread while clips are computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import get_cached_controller

_SET = threading.Lock()
"""Lock that is held while the limit is set: overlapping calls could restore each other's limit."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit the threads of BLAS to one, and restore the user's setting afterwards.

    The matrices of a clip are small: threads do not make their products faster, and on busy cores
    the threads wait for each other. The limit applies to the whole process: if a call in another
    thread has set it already, this call relies on it. Should the other call end first, the rest of
    this one, at most a batch of clips, has the user's setting.
    """
    if not _SET.acquire(blocking=False):
        yield
        return
    try:
        with get_cached_controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        _SET.release()
