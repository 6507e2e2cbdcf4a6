"""Features: one transformer a file, from clips to vectors or images."""

from skser.features._audio_feature import AudioFeature
from skser.features._audio_image import AudioImage
from skser.features._base import PLAN_CONSTRAINTS, AudioExtractor
from skser.features._chroma import Chroma
from skser.features._clip import learn_from_first_clip, longest
from skser.features._extraction import extract
from skser.features._image_to_sequence import ImageToSequence
from skser.features._mel import Mel
from skser.features._mel2d import Mel2D
from skser.features._mel_image import MelImage
from skser.features._mfcc import MFCC
from skser.features._mfcc2d import MFCC2D
from skser.features._ragged import check_ragged, fits, is_ragged, pad_ragged
from skser.features._rms import RMS
from skser.features._spectral_bandwidth import SpectralBandwidth
from skser.features._spectral_centroid import SpectralCentroid
from skser.features._spectral_contrast import SpectralContrast
from skser.features._spectral_flatness import SpectralFlatness
from skser.features._spectral_rolloff import SpectralRolloff
from skser.features._spectrogram_scaler import SpectrogramScaler
from skser.features._tonnetz import Tonnetz
from skser.features._zcr import ZCR

__all__ = [
    "MFCC",
    "MFCC2D",
    "PLAN_CONSTRAINTS",
    "RMS",
    "ZCR",
    "AudioExtractor",
    "AudioFeature",
    "AudioImage",
    "Chroma",
    "ImageToSequence",
    "Mel",
    "Mel2D",
    "MelImage",
    "SpectralBandwidth",
    "SpectralCentroid",
    "SpectralContrast",
    "SpectralFlatness",
    "SpectralRolloff",
    "SpectrogramScaler",
    "Tonnetz",
    "check_ragged",
    "extract",
    "fits",
    "is_ragged",
    "learn_from_first_clip",
    "longest",
    "pad_ragged",
]
