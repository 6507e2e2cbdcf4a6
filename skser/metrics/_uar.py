from __future__ import annotations

from typing import Any

from sklearn.metrics import make_scorer, recall_score
from sklearn.utils.multiclass import unique_labels


def uar_score(y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> float:
    """Compute the unweighted average recall, the mean of the recalls of the classes.

    ``UAR = mean over k of n_kk / n_k``, where n_k is the number of clips of class k and n_kk the
    number of those that are predicted as k. Chance level is 1 / n_classes, however imbalanced the
    classes are. The UAR is the measure of the INTERSPEECH challenges [1]_. It equals
    `sklearn.metrics.balanced_accuracy_score`, except that a class absent from `y_true`, which can
    happen in a fold of few speakers, is left out of the mean without a warning. A prediction of
    such a class still counts as an error.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_clips,)
        True and predicted labels.
    sample_weight : array-like of shape (n_clips,), default=None
        Weights of the clips.

    Returns
    -------
    uar : float
        Unweighted average recall, between 0 and 1.

    See Also
    --------
    uar_scorer : Scorer for ``scoring=``.

    References
    ----------
    .. [1] B. Schuller, S. Steidl, A. Batliner, "The INTERSPEECH 2009 Emotion Challenge", 2009.

    Examples
    --------
    >>> from skser import uar_score
    >>> uar_score(["sad", "sad", "angry"], ["sad", "happy", "angry"])
    0.75
    """
    return float(
        recall_score(
            y_true,
            y_pred,
            labels=unique_labels(y_true),
            average="macro",
            sample_weight=sample_weight,
            # A class whose clips all have zero weight is left out, too.
            zero_division=float("nan"),
        )
    )


uar_scorer = make_scorer(uar_score)
"""Scorer that computes `uar_score`, for ``scoring=``."""
