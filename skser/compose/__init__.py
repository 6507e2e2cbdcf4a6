"""Compositions of features."""

from skser.compose._audio_union import AudioFeatureUnion, make_audio_union
from skser.compose._augmented_classifier import AugmentedClassifier
from skser.compose._feature_store import FeatureStore, cache_info, clear_cache

__all__ = [
    "AudioFeatureUnion",
    "AugmentedClassifier",
    "FeatureStore",
    "cache_info",
    "clear_cache",
    "make_audio_union",
]
