"""Score models on test speakers of whom other clips are known, without their labels."""

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
    """Score a fitted model that has no statistics of unknown speakers; a scorer.

    All normalizers use ``unseen="global"`` here, even if a search has chosen another value. The
    model itself is left unchanged.

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
    """Make the fitted normalizers of a model use global statistics for unknown speakers."""
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
    """Score a fitted model on speakers of whom other clips are enrolled; a scorer.

    The clips of each speaker are divided at random into two halves. Each half is predicted after
    the other one has been enrolled, without labels, so that no predicted clip is enrolled. The
    model is left unchanged.

    Parameters
    ----------
    estimator : classifier
        Fitted model with a `SpeakerNormalizer`.
    X : sequence of n_clips clips
        Clips that carry their speaker.
    y : array-like of shape (n_clips,)
        Labels.
    seed : int
        Random seed of the division into halves.

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
    """Divide the clips of each speaker at random into halves, encoded as 0 and 1."""
    rng = np.random.default_rng(seed)
    half = np.empty(len(speakers), dtype=np.intp)
    for speaker in dict.fromkeys(speakers):
        mine = np.flatnonzero([other == speaker for other in speakers])
        half[rng.permutation(mine)] = np.arange(len(mine)) % 2
    return half
