from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.neural._base import NetworkClassifier


@dataclass(eq=False, repr=False)
class Conv1DClassifier(NetworkClassifier):
    """One-dimensional convolutional network over a vector of features, or over frames.

    Trained with Keras on TensorFlow through scikeras, by cross-entropy. A fitted classifier
    holds plain arrays: it pickles, and it predicts in a process of its own.

    Parameters
    ----------
    {network}

    Attributes
    ----------
    {network attributes}

    Notes
    -----
    Keras warms up for some seconds at the first fit of a process. The last sixteen networks are
    kept compiled: fits of one architecture and one input shape do not grow the process, while
    each new shape costs it some megabytes. X of shape (n_samples, n_frames, n_channels) is
    convolved along frames. Under one
    `random_state` two fits are equal to the bit on one machine with the same number of threads.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skser import Conv1DClassifier
    >>> X, y = make_classification(n_samples=60, n_features=20, random_state=0)
    >>> classifier = Conv1DClassifier(epochs=20, random_state=0).fit(X, y)
    >>> classifier.predict(X).shape
    (60,)
    >>> len(classifier.history_["loss"])
    20
    """

    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        if X.ndim > 3:
            raise ValueError(
                f"X has shape {X.shape}, but Conv1DClassifier takes vectors (n_samples, n_values) "
                "or sequences (n_samples, n_frames, n_channels)."
            )
        return X[..., np.newaxis] if X.ndim == 2 else X
