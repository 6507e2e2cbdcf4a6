"""Compositions of features."""

from skser.compose._audio_union import AudioFeatureUnion, make_audio_union

__all__ = ["AudioFeatureUnion", "make_audio_union"]
