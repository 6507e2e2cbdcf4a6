from . import (
    analysis as analysis,
    audio as audio,
    augmentation as augmentation,
    compose as compose,
    datasets as datasets,
    displays as displays,
    extraction as extraction,
    features as features,
    inspection as inspection,
    live as live,
    metrics as metrics,
    neural as neural,
    persistence as persistence,
    preprocessing as preprocessing,
    pretrained as pretrained,
    recipes as recipes,
    report as report,
    selection as selection,
)
from .analysis import (
    Analysis as Analysis,
    AnalysisPlan as AnalysisPlan,
    VoiceAnalysis as VoiceAnalysis,
)
from .audio import (
    Audio as Audio,
    FixDuration as FixDuration,
    LoadAudio as LoadAudio,
    Normalize as Normalize,
    Segment as Segment,
    TrimSilence as TrimSilence,
    as_items as as_items,
    with_speakers as with_speakers,
)
from .augmentation import (
    AddNoise as AddNoise,
    Compose as Compose,
    Gain as Gain,
    OneOf as OneOf,
    PitchShift as PitchShift,
    SpeedPerturbation as SpeedPerturbation,
    TimeShift as TimeShift,
    TimeStretch as TimeStretch,
)
from .compose import (
    AudioFeatureUnion as AudioFeatureUnion,
    AugmentedClassifier as AugmentedClassifier,
    GeometricVotingClassifier as GeometricVotingClassifier,
    SegmentClassifier as SegmentClassifier,
    SpeakerNormalizer as SpeakerNormalizer,
    enroll_speakers as enroll_speakers,
    make_audio_union as make_audio_union,
)
from .datasets import (
    check_clips as check_clips,
    check_leakage as check_leakage,
    concat_corpora as concat_corpora,
    describe_corpus as describe_corpus,
    drop_unreadable as drop_unreadable,
    fetch_crema_d as fetch_crema_d,
    fetch_emo_db as fetch_emo_db,
    fetch_emov_db as fetch_emov_db,
    fetch_ravdess as fetch_ravdess,
    fetch_savee as fetch_savee,
    fetch_tess as fetch_tess,
    get_data_home as get_data_home,
    list_corpora as list_corpora,
    load_audformat as load_audformat,
    load_corpus as load_corpus,
    load_crema_d as load_crema_d,
    load_elan as load_elan,
    load_emo_db as load_emo_db,
    load_emov_db as load_emov_db,
    load_folder as load_folder,
    load_ravdess as load_ravdess,
    load_savee as load_savee,
    load_table as load_table,
    load_tess as load_tess,
    load_textgrid as load_textgrid,
    make_emotional_speech as make_emotional_speech,
    speaker_split as speaker_split,
    subset_corpus as subset_corpus,
)
from .displays import (
    CorpusDisplay as CorpusDisplay,
    GroupImportanceDisplay as GroupImportanceDisplay,
    HistoryDisplay as HistoryDisplay,
    OcclusionDisplay as OcclusionDisplay,
    PitchDisplay as PitchDisplay,
    SelectionDisplay as SelectionDisplay,
    SpectrogramDisplay as SpectrogramDisplay,
    TimelineDisplay as TimelineDisplay,
    WaveformDisplay as WaveformDisplay,
    play as play,
    plot_classes as plot_classes,
)
from .exceptions import (
    AudioError as AudioError,
    AudioWarning as AudioWarning,
    ModelFileError as ModelFileError,
    SkserError as SkserError,
)
from .extraction import (
    FeatureStore as FeatureStore,
    cache_info as cache_info,
    clear_cache as clear_cache,
)
from .features import (
    HNR as HNR,
    MFCC as MFCC,
    MFCC2D as MFCC2D,
    RMS as RMS,
    ZCR as ZCR,
    AlphaRatio as AlphaRatio,
    AudioFeature as AudioFeature,
    AudioFunction as AudioFunction,
    AudioImage as AudioImage,
    Chroma as Chroma,
    EGeMAPS as EGeMAPS,
    Formants as Formants,
    HammarbergIndex as HammarbergIndex,
    HarmonicDifference as HarmonicDifference,
    Jitter as Jitter,
    Loudness as Loudness,
    Mel as Mel,
    Mel2D as Mel2D,
    MelImage as MelImage,
    Pitch as Pitch,
    Shimmer as Shimmer,
    SpectralBandwidth as SpectralBandwidth,
    SpectralCentroid as SpectralCentroid,
    SpectralContrast as SpectralContrast,
    SpectralFlatness as SpectralFlatness,
    SpectralFlux as SpectralFlux,
    SpectralRolloff as SpectralRolloff,
    SpectralSlope as SpectralSlope,
    SpeechRhythm as SpeechRhythm,
    Tonnetz as Tonnetz,
)
from .inspection import (
    RelevanceMap as RelevanceMap,
    occlusion as occlusion,
    saliency as saliency,
)
from .live import (
    LiveEvent as LiveEvent,
    LiveRecognizer as LiveRecognizer,
    timeline as timeline,
)
from .metrics import (
    EmotionReport as EmotionReport,
    compare_protocols as compare_protocols,
    confusion_pairs as confusion_pairs,
    confusion_ranking as confusion_ranking,
    group_importance as group_importance,
    uar_score as uar_score,
    uar_scorer as uar_scorer,
)
from .neural import (
    Conv1DClassifier as Conv1DClassifier,
    Conv2DClassifier as Conv2DClassifier,
    DenseClassifier as DenseClassifier,
    list_architectures as list_architectures,
)
from .persistence import (
    export_onnx as export_onnx,
    load_model as load_model,
    read_card as read_card,
    save_model as save_model,
)
from .preprocessing import (
    ImageToSequence as ImageToSequence,
    SpectrogramScaler as SpectrogramScaler,
)
from .pretrained import (
    OnnxEmbedding as OnnxEmbedding,
    SpeechEmbedding as SpeechEmbedding,
    fetch_speech_embedding as fetch_speech_embedding,
)
from .recipes import make_recognizer as make_recognizer
from .report import make_report as make_report
from .selection import (
    SequentialGroupSelector as SequentialGroupSelector,
    corrected_t_test as corrected_t_test,
    format_selection_table as format_selection_table,
    incremental_grid as incremental_grid,
    nested_score as nested_score,
    prefetch as prefetch,
    selection_table as selection_table,
)

__version__: str
