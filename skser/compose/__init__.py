"""Unions of features, and classifiers that wrap other classifiers."""

from skser.compose._audio_union import AudioFeatureUnion, make_audio_union
from skser.compose._augmented_classifier import AugmentedClassifier
from skser.compose._enroll_speakers import enroll_speakers
from skser.compose._geometric_voting_classifier import GeometricVotingClassifier
from skser.compose._segment_classifier import SegmentClassifier
from skser.compose._speaker_normalizer import SpeakerNormalizer

__all__ = [
    "AudioFeatureUnion",
    "AugmentedClassifier",
    "GeometricVotingClassifier",
    "SegmentClassifier",
    "SpeakerNormalizer",
    "enroll_speakers",
    "make_audio_union",
]
