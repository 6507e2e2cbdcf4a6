from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.utils.multiclass import unique_labels

if TYPE_CHECKING:
    import pandas as pd


def confusion_ranking(y_true: Any, y_pred: Any) -> pd.DataFrame:
    """Rank the classes from the most to the least confused, by their F1 scores.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_clips,)
        True and predicted labels.

    Returns
    -------
    ranking : pandas.DataFrame
        Table indexed by class, lowest F1 first, with the columns precision, recall, f1, support,
        taken_for (the class that it is most often mistaken for) and taken_for_share (the fraction
        of its clips for which this happens). These two are None and 0 if the class is never
        mistaken for another.

    See Also
    --------
    confusion_pairs : List the confused pairs of classes, the most frequent first.

    Examples
    --------
    >>> from skser import confusion_ranking
    >>> ranking = confusion_ranking(["sad", "sad", "happy", "angry"],
    ...                             ["sad", "happy", "happy", "angry"])
    >>> ranking.loc["sad", "taken_for"]
    'happy'
    """
    import pandas as pd

    labels = unique_labels(y_true, y_pred)
    precision, recall, f1, support = precision_recall_fscore_support(
        y_true, y_pred, labels=labels, zero_division=0
    )
    wrong = confusion_matrix(y_true, y_pred, labels=labels)
    np.fill_diagonal(wrong, 0)
    most = wrong.max(axis=1)
    ranking = pd.DataFrame(
        {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "support": support,
            "taken_for": pd.Series(
                np.where(most > 0, labels[wrong.argmax(axis=1)], None), dtype=object
            ),
            "taken_for_share": most / np.maximum(support, 1),
        }
    ).set_index(pd.Index(labels, name="class"))
    return ranking.sort_values("f1", kind="stable")
