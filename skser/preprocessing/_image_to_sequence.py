from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skser.preprocessing._image_transformer import ImageTransformer


@dataclass(eq=False, repr=False)
class ImageToSequence(ImageTransformer):
    r"""Convert images into sequences with one row per frame, for `Conv1DClassifier`.

    .. math:: z_{i, t, r C + c} = x_{i, r, t, c}

    Images of shape (n_clips, n_rows, n_frames[, n_channels]) become sequences of shape
    (n_clips, n_frames, n_rows * n_channels). With C channels, the value of row r and channel c
    becomes value r C + c of a frame: row 0 channel 0, row 0 channel 1, ..., row 1 channel 0, and so
    on. Nothing is learnt except the numbers of rows and channels.

    Attributes
    ----------
    n_features_in_ : int
        Number of rows.
    n_channels_ : int
        Number of channels; 1 for images without channels.

    See Also
    --------
    Mel2D, MFCC2D : Features that return images.
    Conv1DClassifier : Network that takes sequences.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import ImageToSequence, Mel2D
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> images = Mel2D(deltas=2).fit_transform(noise)
    >>> images.shape
    (3, 128, 44, 3)
    >>> ImageToSequence().fit_transform(images).shape
    (3, 44, 384)
    """

    def _learn(self, images: NDArray[np.floating]) -> None:
        self.n_channels_: int = _with_channels(images).shape[3]

    def _transform_images(self, images: NDArray[np.floating]) -> NDArray[np.floating]:
        images = _with_channels(images)
        if images.shape[3] != self.n_channels_:
            raise ValueError(
                f"X has shape {images.shape}, but ImageToSequence was fitted on images of "
                f"{self.n_channels_} channels. Pass images with as many channels, or fit again."
            )
        n_clips, n_rows, n_frames, n_channels = images.shape
        frames = images.swapaxes(1, 2).copy()
        return frames.reshape(n_clips, n_frames, n_rows * n_channels)


def _with_channels(images: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return images of shape (n_clips, n_rows, n_frames, n_channels)."""
    return images.reshape(images.shape + (1,) * (4 - images.ndim))
