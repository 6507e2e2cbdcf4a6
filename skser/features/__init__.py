"""Features: one transformer a file, from clips to vectors or images."""

from skser.features._audio_feature import AudioFeature
from skser.features._audio_function import AudioFunction
from skser.features._audio_image import AudioImage
from skser.features._chroma import Chroma
from skser.features._mel import Mel
from skser.features._mel2d import Mel2D
from skser.features._mel_image import MelImage
from skser.features._mfcc import MFCC
from skser.features._mfcc2d import MFCC2D
from skser.features._rms import RMS
from skser.features._spectral_bandwidth import SpectralBandwidth
from skser.features._spectral_centroid import SpectralCentroid
from skser.features._spectral_contrast import SpectralContrast
from skser.features._spectral_flatness import SpectralFlatness
from skser.features._spectral_rolloff import SpectralRolloff
from skser.features._tonnetz import Tonnetz
from skser.features._zcr import ZCR

__all__ = [
    "MFCC",
    "MFCC2D",
    "RMS",
    "ZCR",
    "AudioFeature",
    "AudioFunction",
    "AudioImage",
    "Chroma",
    "Mel",
    "Mel2D",
    "MelImage",
    "SpectralBandwidth",
    "SpectralCentroid",
    "SpectralContrast",
    "SpectralFlatness",
    "SpectralRolloff",
    "Tonnetz",
]
