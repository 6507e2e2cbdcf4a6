"""Find speaker normalizers in an estimator, at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skser.audio import with_speakers
from skser.audio._with_speakers import speaker_of
from skser.compose._held import outermost
from skser.compose._speaker_normalizer import SpeakerNormalizer


def normalizers_in(estimator: Any) -> Iterator[SpeakerNormalizer]:
    """Yield each `SpeakerNormalizer` that an estimator is or holds, fitted or as a parameter."""
    return outermost(estimator, SpeakerNormalizer)


def is_transductive(estimator: Any, X: Any = None) -> bool:
    """Return whether a prediction depends on the other clips that are predicted with it.

    Parameters
    ----------
    estimator : estimator
        Any estimator; it must be fitted if X is given.
    X : sequence of clips, default=None
        Clips to predict. None, or a table that holds clips: unknown speakers may be among them.

    Returns
    -------
    transductive : bool
    """
    batch = [normalizer for normalizer in normalizers_in(estimator) if normalizer.unseen == "batch"]
    if X is None or getattr(X, "ndim", 1) != 1:
        return bool(batch)
    speakers = {speaker_of(clip) for clip in X} - {None}
    return any(not speakers <= inner.voices_.keys() for inner in batch if hasattr(inner, "voices_"))


def clips_for(estimator: Any, data: Any, groups: Any) -> Any:
    """Return the clips of a corpus as an estimator needs them: with speakers, or as they are."""
    needs_speakers = any(True for _ in normalizers_in(estimator))
    if not needs_speakers or all(speaker_of(clip) is not None for clip in data):
        return data
    return with_speakers(data, groups)
