"""Classifiers that train networks."""

from skser.neural._conv1d import Conv1DClassifier
from skser.neural.architectures import list_architectures

__all__ = ["Conv1DClassifier", "list_architectures"]
