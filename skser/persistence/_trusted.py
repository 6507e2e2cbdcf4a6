"""Names that a model file may use besides those that skops trusts (scikit-learn and NumPy).

Opening a file creates objects without calling their constructors, and sets their attributes. A
class belongs here only if this runs no code that a file could choose, and if its methods do not
later call, import or unpickle anything that an attribute names. Functions belong here only if they
compute from arrays. The names are those by which users import the classes, so that a file does not
depend on the private module that defines a class.
"""

from __future__ import annotations

from collections.abc import Mapping

_OURS = {
    "skser.analysis": "AnalysisPlan",
    "skser.audio": "FixDuration LoadAudio Normalize TrimSilence",
    "skser.augmentation": (
        "AddNoise Compose Gain OneOf PitchShift SpeedPerturbation TimeShift TimeStretch"
    ),
    "skser.compose": (
        "AudioFeatureUnion AugmentedClassifier GeometricVotingClassifier SegmentClassifier "
        "SpeakerNormalizer"
    ),
    "skser.compose._speaker_calibrated_classifier": "SpeakerCalibratedClassifier",
    "skser.features": (
        "AlphaRatio AudioFunction AudioImage Chroma EGeMAPS Formants HNR HammarbergIndex "
        "HarmonicDifference Jitter Loudness MFCC MFCC2D Mel Mel2D MelImage Pitch RMS Shimmer "
        "SpectralBandwidth SpectralCentroid SpectralContrast SpectralFlatness SpectralFlux "
        "SpectralRolloff SpectralSlope SpeechRhythm Tonnetz ZCR"
    ),
    "skser.neural": "Conv1DClassifier Conv2DClassifier DenseClassifier",
    "skser.neural._adapter": "TrainedNetwork",
    "skser.neural._regularisation": "Regularisation",
    "skser.preprocessing": "ImageToSequence SpectrogramScaler",
    "skser.pretrained": "OnnxEmbedding SpeechEmbedding",
    "skser.selection": "SequentialGroupSelector",
}

_OF_SCIKIT_LEARN = {
    "sklearn.calibration": "_CalibratedClassifier _SigmoidCalibration _TemperatureScaling",
    "sklearn.metrics._scorer": "_PassthroughScorer _Scorer",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
}

_SPLITTERS = {
    "sklearn.model_selection._split": (
        "GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut LeavePGroupsOut LeavePOut "
        "PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold "
        "StratifiedKFold StratifiedShuffleSplit _CVIterableWrapper"
    ),
}

_NAMED_TUPLES = {"skser.audio": "Audio Segment"}

_DICTS = {"sklearn.utils._bunch": "Bunch"}

_FUNCTIONS = {
    "skser.metrics._uar": "uar_score",
    "sklearn.feature_selection._mutual_info": "mutual_info_classif",
    "sklearn.feature_selection._univariate_selection": "chi2 f_classif",
    "sklearn.metrics._classification": (
        "accuracy_score balanced_accuracy_score cohen_kappa_score f1_score log_loss "
        "matthews_corrcoef precision_score recall_score"
    ),
    "sklearn.metrics._ranking": "roc_auc_score",
}


def _named(names: Mapping[str, str], *loaders: str) -> dict[str, tuple[str, ...]]:
    return {f"{module}.{name}": loaders for module, of in names.items() for name in of.split()}


TRUSTED: dict[str, tuple[str, ...]] = {
    **_named(_OURS, "ObjectNode"),
    **_named(_OF_SCIKIT_LEARN, "ObjectNode"),
    # A repeated splitter holds the class of the splitter that it repeats.
    **_named(_SPLITTERS, "ObjectNode", "TypeNode"),
    **_named(_NAMED_TUPLES, "TupleNode"),
    **_named(_DICTS, "DictNode"),
    **_named(_FUNCTIONS, "FunctionNode"),
    "numpy.dtype": ("DTypeNode",),
}
"""Full names, each with the kinds of node of a skops file that may have it."""


def public_module(module: str, name: str) -> str:
    """Return the module that a file states for a class: the public one if there is one.

    Parameters
    ----------
    module : str
        Module that defines the class, such as "skser.features._mfcc".
    name : str
        Name of the class, such as "MFCC".

    Returns
    -------
    module : str
        Module to state, such as "skser.features".
    """
    package = module.rpartition(".")[0]
    return package if f"{package}.{name}" in TRUSTED else module
