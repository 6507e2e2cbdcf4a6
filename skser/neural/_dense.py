from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.neural._base import NetworkClassifier

if TYPE_CHECKING:
    import keras


@dataclass(eq=False, repr=False)
class DenseClassifier(NetworkClassifier):
    """Fully connected network over vectors, such as the embeddings of other networks.

    Parameters
    ----------
    {dense network}

    Attributes
    ----------
    {network attributes}

    See Also
    --------
    Conv2DClassifier : Convolutional network whose `transform` returns embeddings.
    sklearn.neural_network.MLPClassifier : Fully connected network that does not need Keras.

    Notes
    -----
    To fuse two networks, each trained separately on its own kind of image, concatenate their
    embeddings::

        mel = make_pipeline(Mel2D(), SpectrogramScaler(), Conv2DClassifier("dropout3"))
        mfcc = make_pipeline(MFCC2D(), SpectrogramScaler(), Conv2DClassifier("dropout3"))
        fusion = make_pipeline(make_union(mel, mfcc), DenseClassifier())

    The dense network then learns from embeddings of clips that the two networks were trained on.
    `sklearn.ensemble.StackingClassifier` trains it on predictions for clips that they have not
    seen.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skser import DenseClassifier
    >>> X, y = make_classification(n_samples=60, n_features=20, random_state=0)
    >>> DenseClassifier(epochs=5, random_state=0).fit(X, y).predict(X).shape
    (60,)
    """

    _dimensions: ClassVar[int] = 0

    architecture: str | Callable[[tuple[int, ...], int], keras.Model] = "dense"

    def _as_input(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        if X.ndim != 2:
            raise ValueError(
                f"X has shape {X.shape}, but DenseClassifier takes vectors (n_samples, n_values)."
            )
        return X
