"""The protocol of a test speaker whose other clips are known, without their labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import safe_indexing
from skser.audio._with_speakers import speaker_of
from skser.compose import enroll_speakers
from skser.compose._speakers_inside import normalizers_in
from skser.metrics._uar import uar_score, uar_scorer


def stranger_uar(estimator: Any, X: Any, y: Any) -> float:
    """Score a fitted model that knows nothing of unknown speakers; a scorer.

    A search may have chosen another `unseen`: all of its normalizers take "global" here. The model
    is left as it was.

    Parameters
    ----------
    estimator : classifier
        Fitted model.
    X : sequence of n_clips clips
        Clips.
    y : array-like of shape (n_clips,)
        Labels.

    Returns
    -------
    uar : float
    """
    with _knowing_nothing(estimator):
        return float(uar_scorer(estimator, X, y))


@contextmanager
def _knowing_nothing(estimator: Any) -> Iterator[None]:
    """Have the fitted normalizers of a model take the statistics of all for a stranger."""
    fitted = [inner for inner in normalizers_in(estimator) if hasattr(inner, "voices_")]
    before = [inner.unseen for inner in fitted]
    try:
        for inner in fitted:
            inner.unseen = "global"
        yield
    finally:
        for inner, unseen in zip(fitted, before, strict=True):
            inner.unseen = unseen


def enrolled_uar(estimator: Any, X: Any, y: Any, *, seed: int) -> float:
    """Score a fitted model on clips of speakers of whom it knows other clips; a scorer.

    The clips of each speaker are divided at random into two halves. Each half is predicted after
    the other one was enrolled, without labels, so that no clip is enrolled that is predicted. The
    model is left as it was.

    Parameters
    ----------
    estimator : classifier
        Fitted model with a `SpeakerNormalizer`.
    X : sequence of n_clips clips
        Clips that carry their speaker.
    y : array-like of shape (n_clips,)
        Labels.
    seed : int
        Seed of the halves.

    Returns
    -------
    uar : float
    """
    half = halves([speaker_of(clip) for clip in X], seed)
    labels = np.asarray(y)
    true, predicted = [], []
    fitted = [inner for inner in normalizers_in(estimator) if hasattr(inner, "voices_")]
    before = [inner.voices_ for inner in fitted]
    for part in range(2):
        scored, others = np.flatnonzero(half == part), np.flatnonzero(half != part)
        if not len(scored):
            continue
        try:
            if len(others):
                enroll_speakers(estimator, safe_indexing(X, others))
            with _knowing_nothing(estimator):
                predicted.append(estimator.predict(safe_indexing(X, scored)))
        finally:
            for inner, voices in zip(fitted, before, strict=True):
                inner.voices_ = voices
        true.append(labels[scored])
    return uar_score(np.concatenate(true), np.concatenate(predicted))


def halves(speakers: list[Any], seed: int) -> NDArray[np.intp]:
    """Divide the clips of each speaker at random: 0 for one half of them, 1 for the other."""
    rng = np.random.default_rng(seed)
    half = np.empty(len(speakers), dtype=np.intp)
    for speaker in dict.fromkeys(speakers):
        mine = np.flatnonzero([other == speaker for other in speakers])
        half[rng.permutation(mine)] = np.arange(len(mine)) % 2
    return half
