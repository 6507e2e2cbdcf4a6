"""Features: transformers from clips to vectors or images, one per file."""

from skser.features._alpha_ratio import AlphaRatio
from skser.features._audio_feature import AudioFeature
from skser.features._audio_function import AudioFunction
from skser.features._audio_image import AudioImage
from skser.features._chroma import Chroma
from skser.features._egemaps import EGeMAPS
from skser.features._formants import Formants
from skser.features._hammarberg_index import HammarbergIndex
from skser.features._harmonic_difference import HarmonicDifference
from skser.features._hnr import HNR
from skser.features._jitter import Jitter
from skser.features._loudness import Loudness
from skser.features._mel import Mel
from skser.features._mel2d import Mel2D
from skser.features._mel_image import MelImage
from skser.features._mfcc import MFCC
from skser.features._mfcc2d import MFCC2D
from skser.features._pitch import Pitch
from skser.features._rms import RMS
from skser.features._shimmer import Shimmer
from skser.features._spectral_bandwidth import SpectralBandwidth
from skser.features._spectral_centroid import SpectralCentroid
from skser.features._spectral_contrast import SpectralContrast
from skser.features._spectral_flatness import SpectralFlatness
from skser.features._spectral_flux import SpectralFlux
from skser.features._spectral_rolloff import SpectralRolloff
from skser.features._spectral_slope import SpectralSlope
from skser.features._speech_rhythm import SpeechRhythm
from skser.features._tonnetz import Tonnetz
from skser.features._zcr import ZCR

__all__ = [
    "HNR",
    "MFCC",
    "MFCC2D",
    "RMS",
    "ZCR",
    "AlphaRatio",
    "AudioFeature",
    "AudioFunction",
    "AudioImage",
    "Chroma",
    "EGeMAPS",
    "Formants",
    "HammarbergIndex",
    "HarmonicDifference",
    "Jitter",
    "Loudness",
    "Mel",
    "Mel2D",
    "MelImage",
    "Pitch",
    "Shimmer",
    "SpectralBandwidth",
    "SpectralCentroid",
    "SpectralContrast",
    "SpectralFlatness",
    "SpectralFlux",
    "SpectralRolloff",
    "SpectralSlope",
    "SpeechRhythm",
    "Tonnetz",
]
