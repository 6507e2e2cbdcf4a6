"""Hide patches of a clip one at a time, in the image that a pipeline computes or in the sound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.analysis._mel_filters import mel_frequencies
from skser.analysis._patches import Patches
from skser.audio import Audio, as_items
from skser.audio._transient import as_transient
from skser.compose._speakers_inside import is_transductive
from skser.inspection._images import ImagePipeline
from skser.inspection._read import highest_frequency
from skser.inspection._scores import Scorer, scorer_of
from skser.inspection._windows import inside

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_BATCH = 64
"""Maximum number of samples that are scored at once, to limit memory."""

_BYTES = 2**26
"""Maximum number of bytes of the samples that are scored at once."""


class Hiding(ABC):
    """Base of classes that cut a clip into bands and hide patches of it.

    Attributes
    ----------
    sound : Audio
        Sound to which the time windows refer.
    scorer : Scorer
        Scorer of the estimator that takes the samples.
    times : ndarray of shape (n_frames,)
        Centre of each frame in seconds.
    """

    sound: Audio
    scorer: Scorer
    times: Floats
    batch_size: int

    @abstractmethod
    def bands(self, n_bands: int) -> tuple[Floats, Mask]:
        """Return limits in Hz, shape (n_bands, 2), and a mask of the rows in each band."""

    @abstractmethod
    def whole(self) -> Any:
        """Return the sample with nothing hidden."""

    @abstractmethod
    def without(self, frames: Mask, rows: Mask) -> Any:
        """Return the sample with one patch hidden."""

    @abstractmethod
    def join(self, samples: list[Any]) -> Any:
        """Return a batch of samples."""

    def predicted(self) -> int:
        """Return the index of the class that is predicted for the whole sample."""
        return self.scorer.place(self.scorer.estimator.predict(self.join([self.whole()]))[0])

    def scores_of_whole(self) -> Floats:
        """Return the score of each class for the whole sample, shape (n_classes,)."""
        return self.scorer.scores(self.join([self.whole()]))[0]

    def scores_without(self, frames: Mask, rows: Mask) -> Floats:
        """Return scores without each patch, shape (n_bands, n_times, n_classes).

        Parameters
        ----------
        frames : ndarray of shape (n_times, n_frames)
            Mask of the frames in each window.
        rows : ndarray of shape (n_bands, n_rows)
            Mask of the rows in each band.
        """
        patches = [(window, band) for band in rows for window in frames]
        parts = []
        for start in range(0, len(patches), self.batch_size):
            batch = [self.without(*patch) for patch in patches[start : start + self.batch_size]]
            parts.append(self.scorer.scores(self.join(batch)))
        return np.concatenate(parts).reshape(len(rows), len(frames), -1)


class InImage(Hiding):
    """Replace hidden pixels by the mean of their row; only the steps after the image are rerun."""

    def __init__(self, pipeline: ImagePipeline, clip: Audio) -> None:
        self.pipeline = pipeline
        self.scorer = scorer_of(pipeline.rest)
        self.sound = pipeline.sound(clip)
        image = pipeline.image(self.sound)
        self._has_channels = image.ndim == 3
        self.image = image if self._has_channels else image[..., np.newaxis]
        self.times = pipeline.times(self.sound, self.image.shape[1])
        self.mean = pipeline.mean(self.image)
        self.batch_size = _n_at_once(self.image)

    def bands(self, n_bands: int) -> tuple[Floats, Mask]:
        n_rows = len(self.image)
        of_rows = self.pipeline.bands
        if of_rows is None:
            # A row, such as a coefficient, depends on all frequencies.
            top = self.pipeline.feature.plan_.sr / 2
            return np.array([[0.0, top]]), np.ones((1, n_rows), dtype=bool)
        if n_bands > n_rows:
            raise ValueError(
                f"n_bands={n_bands}, but the image has {n_rows} rows. Pass at most {n_rows}."
            )
        parts = np.array_split(np.argsort(of_rows[:, 0]), n_bands)
        limits = np.array([[of_rows[part].min(), of_rows[part].max()] for part in parts])
        return limits, np.array([np.isin(np.arange(n_rows), part) for part in parts])

    def whole(self) -> NDArray[np.floating]:
        return self.image

    def without(self, frames: Mask, rows: Mask) -> NDArray[np.floating]:
        hidden = rows[:, np.newaxis, np.newaxis] & frames[:, np.newaxis]
        return np.where(hidden, self.mean, self.image)

    def join(self, samples: list[NDArray[np.floating]]) -> NDArray[np.floating]:
        images = np.stack(samples)
        return images if self._has_channels else images[..., 0]


class InSound(Hiding):
    """Attenuate hidden patches of the samples; the whole model is rerun."""

    def __init__(self, estimator: Any, clip: Audio) -> None:
        self.scorer = scorer_of(estimator)
        self.sound = clip
        self._patches = Patches(np.asarray(clip.y), clip.sr)
        self.times = self._patches.times
        self._highest = highest_frequency(estimator, clip.sr)
        # In a transductive model, clips of one batch would influence each other's scores.
        self.batch_size = 1 if is_transductive(estimator, [clip]) else _n_at_once(clip.y)

    def bands(self, n_bands: int) -> tuple[Floats, Mask]:
        edges = mel_frequencies(n_bands + 1, fmin=0.0, fmax=self._highest)
        limits = np.column_stack([edges[:-1], edges[1:]])
        too_many = f"n_bands={n_bands} is too many for the spectrum of the clip. Pass fewer bands."
        return limits, inside(self._patches.frequencies, limits, too_many)

    def whole(self) -> Audio:
        return self.sound

    def without(self, frames: Mask, rows: Mask) -> Audio:
        return self.sound._replace(y=as_transient(self._patches.without(frames, rows)))

    def join(self, samples: list[Audio]) -> NDArray[np.object_]:
        return as_items(samples)


def _n_at_once(sample: NDArray[Any]) -> int:
    return max(1, min(_BATCH, _BYTES // sample.nbytes))
