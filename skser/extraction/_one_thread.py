"""Linear algebra on one thread while clips are computed."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import get_cached_controller


def one_thread() -> AbstractContextManager[object]:
    """Bound the threads of BLAS to one, and give the user's setting back.

    The matrices of a clip are small: threads do not make their products faster, and on cores that
    are busy they make them wait for each other.
    """
    limit: AbstractContextManager[object] = get_cached_controller().limit(limits=1, user_api="blas")
    return limit
