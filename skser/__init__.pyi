from .audio import (
    Audio as Audio,
)
from .audio import (
    FixDuration as FixDuration,
)
from .audio import (
    LoadAudio as LoadAudio,
)
from .audio import (
    Normalize as Normalize,
)
from .audio import (
    Segment as Segment,
)
from .audio import (
    TrimSilence as TrimSilence,
)
from .audio import (
    as_items as as_items,
)
from .compose import AudioFeatureUnion as AudioFeatureUnion
from .compose import make_audio_union as make_audio_union
from .datasets import load_ravdess as load_ravdess
from .datasets import make_emotional_speech as make_emotional_speech
from .exceptions import AudioError as AudioError
from .exceptions import AudioWarning as AudioWarning
from .exceptions import SkserError as SkserError
from .features import (
    MFCC as MFCC,
)
from .features import (
    MFCC2D as MFCC2D,
)
from .features import (
    RMS as RMS,
)
from .features import (
    ZCR as ZCR,
)
from .features import (
    Chroma as Chroma,
)
from .features import (
    Mel as Mel,
)
from .features import (
    Mel2D as Mel2D,
)
from .features import (
    MelImage as MelImage,
)
from .features import (
    SpectralBandwidth as SpectralBandwidth,
)
from .features import (
    SpectralCentroid as SpectralCentroid,
)
from .features import (
    SpectralContrast as SpectralContrast,
)
from .features import (
    SpectralFlatness as SpectralFlatness,
)
from .features import (
    SpectralRolloff as SpectralRolloff,
)
from .features import (
    SpectrogramScaler as SpectrogramScaler,
)
from .features import (
    Tonnetz as Tonnetz,
)
from .metrics import SelectionDisplay as SelectionDisplay
from .metrics import confusion_ranking as confusion_ranking
from .neural import (
    Conv1DClassifier as Conv1DClassifier,
    list_architectures as list_architectures,
)
from .selection import incremental_grid as incremental_grid
from .selection import selection_table as selection_table
