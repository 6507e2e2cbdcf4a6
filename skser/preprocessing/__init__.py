"""Arrays for networks: images and sequences, of equal or unequal length."""

from skser.preprocessing._image_to_sequence import ImageToSequence
from skser.preprocessing._spectrogram_scaler import SpectrogramScaler

__all__ = ["ImageToSequence", "SpectrogramScaler"]
