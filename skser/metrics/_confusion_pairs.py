from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import unique_labels

if TYPE_CHECKING:
    import pandas as pd


def confusion_pairs(y_true: Any, y_pred: Any) -> pd.DataFrame:
    """List the confused pairs of true and predicted class, the most frequent first.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_clips,)
        True and predicted labels.

    Returns
    -------
    pairs : pandas.DataFrame
        One row per pair that occurs, with the columns true, predicted, count, and share (the count
        divided by the number of clips of the true class). Pairs with the same count are sorted by
        share.

    See Also
    --------
    confusion_ranking : Rank the classes from the most to the least confused.

    Examples
    --------
    >>> from skser import confusion_pairs
    >>> confusion_pairs(["sad", "sad", "sad", "happy"], ["happy", "happy", "calm", "happy"])
      true predicted  count     share
    0  sad     happy      2  0.666667
    1  sad      calm      1  0.333333
    """
    import pandas as pd

    labels = unique_labels(y_true, y_pred)
    check_consistent_length(y_true, y_pred)
    # For a single label, confusion_matrix warns that labels should be passed.
    one = np.zeros((1, 1), dtype=np.int64)
    matrix = confusion_matrix(y_true, y_pred, labels=labels) if len(labels) != 1 else one
    support = matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    true, predicted = matrix.nonzero()
    count = matrix[true, predicted]
    pairs = pd.DataFrame(
        {
            "true": labels[true],
            "predicted": labels[predicted],
            "count": count,
            "share": count / support[true],
        }
    )
    order = ["count", "share"]
    return pairs.sort_values(order, ascending=False, kind="stable", ignore_index=True)
