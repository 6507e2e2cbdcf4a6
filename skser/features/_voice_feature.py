"""Base classes of the features of the voice, whose frames are suited to speech."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval, StrOptions
from skser.analysis import Analysis
from skser.analysis._pooling import pool_existing, with_deltas_of_runs
from skser.analysis._speech_spectrum import LEAST_SR
from skser.analysis._voice import VoiceAnalysis
from skser.features._base import AudioExtractor
from skser.features._pooled_extractor import PooledExtractor, pool_with_callable


@dataclass(eq=False, repr=False, kw_only=True)
class VoiceExtractor(AudioExtractor):
    """An extractor at a sample rate for speech, whatever the union's."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioExtractor._parameter_constraints,
        "sr": [Interval(Real, LEAST_SR, None, closed="left")],
    }

    _version: ClassVar[int] = 2

    # Not None, so that the union's rate is not used.
    sr: float | None = 16000


@dataclass(eq=False, repr=False, kw_only=True)
class VoiceFeature(VoiceExtractor, PooledExtractor):
    """A vector for each clip, pooled from values of the voice that are missing in some frames.

    A subclass implements `_frames(analysis)`, which returns coefficients of shape (n_coefficients,
    n_frames) from `analysis.voice`, with NaN where a value is missing.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **PooledExtractor._parameter_constraints,
        **VoiceExtractor._parameter_constraints,
    }

    def _pool(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = with_deltas_of_runs(frames, self.deltas)
        if self.pooling is None:
            return np.where(np.isnan(frames), np.float32(0), frames).ravel()
        if callable(self.pooling):
            whole = frames[:, ~np.isnan(frames).any(axis=0)]
            if whole.size == 0:
                whole = np.zeros((len(frames), 1), dtype=np.float32)
            return pool_with_callable(self.pooling, whole)
        return pool_existing(frames, self._statistics()).ravel()


@dataclass(eq=False, repr=False, kw_only=True)
class SpeechFeature(VoiceFeature):
    """A feature that exists in voiced and unvoiced frames; a subclass implements `_measure`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **VoiceFeature._parameter_constraints,
        "frames": [StrOptions({"all", "voiced", "unvoiced"})],
    }

    frames: str = "all"

    @abstractmethod
    def _measure(self, voice: VoiceAnalysis) -> NDArray[np.float32]:
        """Return the coefficients of every frame, shape (n_coefficients, n_frames)."""

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        values = self._measure(analysis.voice)
        if self.frames == "all":
            return values
        counts = analysis.voice.voiced == (self.frames == "voiced")
        return np.where(counts, values, np.float32(np.nan))
