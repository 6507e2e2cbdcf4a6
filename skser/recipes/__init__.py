"""Ready-made recognisers, built from public parts."""

from skser.recipes._make_recognizer import make_recognizer

__all__ = ["make_recognizer"]
