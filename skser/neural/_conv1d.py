from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from skser.neural._convolutional import ConvolutionalClassifier


@dataclass(eq=False, repr=False)
class Conv1DClassifier(ConvolutionalClassifier):
    """One-dimensional convolutional network over a vector of features, or over frames.

    Trained with Keras on TensorFlow through scikeras, by cross-entropy. A fitted classifier
    holds plain arrays: it pickles, and it predicts in a process of its own.

    Parameters
    ----------
    {network}
    {masks}

    Attributes
    ----------
    {network attributes}

    See Also
    --------
    Conv2DClassifier : The same over images.
    ImageToSequence : From images, a row a coefficient, to sequences, a row a frame.
    list_architectures : The networks by name.

    Notes
    -----
    Keras warms up for some seconds at the first fit of a process. The last sixteen networks are
    kept compiled: fits of one architecture and one input shape do not grow the process, while
    each new shape costs it about a megabyte, mostly in caches of TensorFlow's kernels. X of shape
    (n_samples, n_frames, n_channels) is convolved along frames; sequences that differ in length
    are an object array of shape (n_samples,), which ``architecture="residual1d"`` takes. Under one
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

    _dimensions: ClassVar[int] = 1

    def _check_array(self, X: Any, *, reset: bool) -> NDArray[np.float32]:
        if isinstance(X, list):
            X = np.asarray(X)
        if getattr(X, "ndim", None) != 3:
            return super()._check_array(X, reset=reset)
        # Of sequences the channels are the features; frames may differ from fit.
        frames = X.reshape(-1, X.shape[-1])
        checked: NDArray[np.float32] = validate_data(self, frames, dtype=np.float32, reset=reset)
        return checked.reshape(X.shape)

    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        if X.ndim > 3:
            raise ValueError(
                f"X has shape {X.shape}, but Conv1DClassifier takes vectors (n_samples, n_values) "
                "or sequences (n_samples, n_frames, n_channels)."
            )
        return X[..., np.newaxis] if X.ndim == 2 else X
