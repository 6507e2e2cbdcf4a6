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

    The network is trained with Keras on TensorFlow through scikeras and minimises the
    cross-entropy. A fitted classifier stores plain arrays, so it can be pickled and can predict in
    another process.

    Parameters
    ----------
    {network}
    {masks}

    Attributes
    ----------
    {network attributes}

    See Also
    --------
    Conv2DClassifier : Two-dimensional convolutional network over images.
    ImageToSequence : Convert images, one row per coefficient, to sequences, one row per frame.
    list_architectures : List the registered networks.

    Notes
    -----
    The first fit in a process takes some seconds longer, while Keras starts. The last sixteen
    networks stay compiled: repeated fits of one architecture on one input shape do not increase
    memory use, while each new shape takes about a megabyte, mostly in TensorFlow's kernel caches.
    X of shape (n_samples, n_frames, n_channels) is convolved along frames. Sequences that differ
    in length form an object array of shape (n_samples,), which ``architecture="residual1d"``
    accepts. With the same integer `random_state`, two fits on one machine with the same number
    of threads are bit-identical.

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
        # The features of sequences are their channels; the number of frames may differ from fit.
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
