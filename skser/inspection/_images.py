"""Split pipelines that convert a clip to an image into the image and the steps after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skser.analysis._framing import n_frames
from skser.analysis._mel_filters import mel_frequencies
from skser.audio import Audio, as_items
from skser.audio._base import SoundTransformer
from skser.audio._load import fix_length, n_samples
from skser.compose import AudioFeatureUnion, AugmentedClassifier, SpeakerNormalizer
from skser.features import AudioImage, Mel2D, MelImage
from skser.preprocessing import SpectrogramScaler

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ImagePipeline:
    """A fitted pipeline that converts clips to sounds, then to images, then to a decision."""

    sounds: list[SoundTransformer]
    maker: Any
    feature: Any
    """Feature that determines the times and frequencies of the pixels."""
    rest: Pipeline
    bands: Floats | None
    """Frequency limits of each row in Hz, shape (n_rows, 2); None if rows are not bands."""

    @property
    def made_by(self) -> str:
        """Name of the transformer that computes the image, for messages."""
        return type(self.maker).__name__

    def sound(self, clip: Audio) -> Audio:
        """Return the sound that the image is computed from, with the same length."""
        for step in self.sounds:
            clip = step.transform(as_items([clip]))[0]
        samples = self.feature.n_samples_
        if samples is None:
            return clip
        # The padding is kept, so that the display shows it: the decision may depend on it, too.
        length = n_samples(samples / self.feature.plan_.sr, clip.sr)
        return clip._replace(y=fix_length(clip.y, length))

    def image(self, sound: Audio) -> NDArray[np.floating]:
        """Return the image, shape (n_rows, n_columns[, n_channels])."""
        return np.asarray(self.maker.transform(as_items([sound]))[0])

    def times(self, sound: Audio, n_columns: int) -> Floats:
        """Return the centre of each column in seconds."""
        plan = self.feature.plan_
        length = self.feature.n_samples_ or int(np.ceil(len(sound.y) * (plan.sr / sound.sr)))
        count = n_frames(length, plan.n_fft, plan.hop_length)
        frames = (np.arange(n_columns) + 0.5) * count / n_columns - 0.5
        return frames * plan.hop_length / plan.sr

    def mean(self, image: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the values of hidden pixels, shape (n_rows, 1, n_channels).

        These are the means of the rows over the training clips, if the next step knows them or a
        `SpeakerNormalizer` has made them 0, and otherwise over the clip.
        """
        first = self.rest[0]
        if isinstance(first, SpectrogramScaler) and first.with_mean:
            return first.mean_.reshape(len(image), 1, -1).astype(image.dtype)
        if isinstance(self.maker, SpeakerNormalizer):
            return np.zeros((len(image), 1, image.shape[2]), image.dtype)
        return image.mean(axis=1, keepdims=True)


def image_pipeline(estimator: Any) -> ImagePipeline | None:
    """Split a fitted pipeline at the image that it computes; None if it computes none.

    Parameters
    ----------
    estimator : classifier
        Pipeline, or a search or another meta-estimator that passes clips to one unchanged.
    """
    steps = list(_steps(_inner(estimator)))
    n_sounds = next((i for i, s in enumerate(steps) if not isinstance(s, SoundTransformer)), 0)
    if len(steps) < n_sounds + 2:
        return None
    maker = steps[n_sounds]
    images = _images_in(maker)
    if not images:
        return None
    bands, *others = [_bands(feature) for feature in images]
    if bands is None or any(o is None or not np.array_equal(o, bands) for o in others):
        bands = None
    return ImagePipeline(
        sounds=steps[:n_sounds],
        maker=maker,
        feature=images[0],
        rest=Pipeline([(f"{i}", step) for i, step in enumerate(steps[n_sounds + 1 :])]),
        bands=bands,
    )


def _inner(estimator: Any) -> Any:
    """Return the estimator to which a meta-estimator passes clips unchanged."""
    match estimator:
        case FrozenEstimator():
            return _inner(estimator.estimator)
        case AugmentedClassifier():
            return _inner(estimator.estimator_)
        case _ if hasattr(estimator, "best_estimator_"):
            return _inner(estimator.best_estimator_)
    return estimator


def _steps(estimator: Any) -> Iterator[Any]:
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            yield from _steps(step)
    elif estimator is not None and estimator != "passthrough":
        yield estimator


def _images_in(maker: Any) -> list[Any]:
    """Return the fitted features that compute the channels of an image; empty if there are none."""
    if isinstance(maker, SpeakerNormalizer):
        return _images_in(maker.extractor_)
    members = [maker]
    if isinstance(maker, AudioFeatureUnion):
        members = [member for _, member, _ in maker._iter()]
    return members if all(isinstance(m, AudioImage | MelImage) for m in members) else []


def _bands(feature: Any) -> Floats | None:
    if not isinstance(feature, Mel2D | MelImage):
        return None
    fmax = feature.plan_.sr / 2 if feature.fmax is None else feature.fmax
    # Filter m lies between the edges m and m + 2; neighbours meet halfway between their centres.
    limits = mel_frequencies(2 * feature.n_mels + 3, fmin=feature.fmin, fmax=fmax)[1::2]
    if isinstance(feature, Mel2D):
        return np.column_stack([limits[:-1], limits[1:]])
    # Resized rows have equal heights on the mel scale, and the lowest is the last.
    edges = mel_frequencies(feature.height + 1, fmin=limits[0], fmax=limits[-1])[::-1]
    return np.column_stack([edges[1:], edges[:-1]])
