"""Compositions of features."""

from skser.compose._audio_union import AudioFeatureUnion, make_audio_union
from skser.compose._augmented_classifier import AugmentedClassifier
from skser.compose._segment_classifier import SegmentClassifier

__all__ = [
    "AudioFeatureUnion",
    "AugmentedClassifier",
    "SegmentClassifier",
    "make_audio_union",
]
