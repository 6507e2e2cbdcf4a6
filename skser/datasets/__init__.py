"""Corpora on disk, and the built-in speech."""

from skser.datasets._emotional_speech import make_emotional_speech
from skser.datasets._ravdess import load_ravdess

__all__ = ["load_ravdess", "make_emotional_speech"]
