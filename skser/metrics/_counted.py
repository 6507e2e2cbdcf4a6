"""A stand-in for clips that a model only counts, so that workers do not receive the clips."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

from skser._sklearn_compat import num_samples


class Counted:
    """A number of clips, without the clips.

    Parameters
    ----------
    n_clips : int
        Number of clips.
    """

    def __init__(self, n_clips: int) -> None:
        self.n_clips = n_clips
        self.was_read = False

    def __len__(self) -> int:
        return self.n_clips

    def __getitem__(self, place: object) -> NoReturn:
        self.was_read = True
        raise TypeError("These clips can only be counted.")

    def __iter__(self) -> Iterator[NoReturn]:
        self.was_read = True
        raise TypeError("These clips can only be counted.")


def clips_to_send(estimator: Any, X: Any, y: Any, scorer: Any, baseline: Any) -> Any:
    """Return a stand-in for clips if a model's score does not depend on them, or the clips.

    Parameters
    ----------
    estimator : estimator
        Fitted model whose features have been computed and replaced by their values.
    X : list or array of n_clips clips
        Clips.
    y : array-like of shape (n_clips,)
        Labels.
    scorer : callable
        Scorer of one or more scores.
    baseline : float or dict of float
        Score of the model on the clips.

    Returns
    -------
    clips : Counted or type of X
        `Counted` if scoring it neither fails nor reads a clip, and gives the same score.
    """
    counted = Counted(num_samples(X))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            score = scorer(estimator, counted, y)
    # A model that reads clips may fail in any way without them. Other errors recur with them.
    except Exception:
        return X
    return X if counted.was_read or score != baseline else counted
