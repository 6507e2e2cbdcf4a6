from __future__ import annotations

import os
from typing import Any

from sklearn.utils import Bunch

from skser._sklearn_compat import InvalidParameterError


def check_corpus(corpus: Any, *, kind: type[dict[Any, Any]] = Bunch) -> None:
    """Raise if what was passed is not a corpus, without printing all of its clips.

    Parameters
    ----------
    corpus : object
        What the user passed.
    kind : type, default=Bunch
        Type that a corpus must have at least.

    Raises
    ------
    InvalidParameterError
        If it is of another type. The message says how to get a corpus.
    """
    if isinstance(corpus, kind):
        return
    if isinstance(corpus, str | os.PathLike):
        path = os.fspath(corpus)
        raise InvalidParameterError(
            f"corpus={path!r} is a path, but a loaded corpus is expected. Pass "
            f"load_corpus({path!r}), or what another loader returns."
        )
    raise InvalidParameterError(
        f"corpus is of type {type(corpus).__name__}, but a corpus is expected. Pass the whole "
        "corpus as a loader such as load_ravdess or load_folder returns it, not its data or frame."
    )
