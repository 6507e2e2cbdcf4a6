from . import (
    audio as audio,
    augmentation as augmentation,
    compose as compose,
    datasets as datasets,
    features as features,
    metrics as metrics,
    neural as neural,
    selection as selection,
)
from .audio import (
    Audio as Audio,
    FixDuration as FixDuration,
    LoadAudio as LoadAudio,
    Normalize as Normalize,
    Segment as Segment,
    TrimSilence as TrimSilence,
    as_items as as_items,
)
from .compose import (
    AudioFeatureUnion as AudioFeatureUnion,
    FeatureStore as FeatureStore,
    cache_info as cache_info,
    clear_cache as clear_cache,
    make_audio_union as make_audio_union,
)
from .datasets import load_ravdess as load_ravdess, make_emotional_speech as make_emotional_speech
from .exceptions import (
    AudioError as AudioError,
    AudioWarning as AudioWarning,
    SkserError as SkserError,
)
from .features import (
    MFCC as MFCC,
    MFCC2D as MFCC2D,
    RMS as RMS,
    ZCR as ZCR,
    Chroma as Chroma,
    Mel as Mel,
    Mel2D as Mel2D,
    MelImage as MelImage,
    SpectralBandwidth as SpectralBandwidth,
    SpectralCentroid as SpectralCentroid,
    SpectralContrast as SpectralContrast,
    SpectralFlatness as SpectralFlatness,
    SpectralRolloff as SpectralRolloff,
    SpectrogramScaler as SpectrogramScaler,
    Tonnetz as Tonnetz,
)
from .metrics import SelectionDisplay as SelectionDisplay, confusion_ranking as confusion_ranking
from .neural import (
    Conv1DClassifier as Conv1DClassifier,
    list_architectures as list_architectures,
)
from .selection import incremental_grid as incremental_grid, selection_table as selection_table
