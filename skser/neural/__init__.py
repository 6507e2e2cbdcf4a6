"""Classifiers that train networks."""

from skser.neural._conv1d import Conv1DClassifier
from skser.neural._conv2d import Conv2DClassifier
from skser.neural._dense import DenseClassifier
from skser.neural.architectures._registry import list_architectures

__all__ = ["Conv1DClassifier", "Conv2DClassifier", "DenseClassifier", "list_architectures"]
