"""Arguments and flags that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer


class Classifier(StrEnum):
    """Classifier at the end of the pipeline."""

    svm = "svm"
    lda = "lda"
    conv1d = "conv1d"


class Kind(StrEnum):
    """Kinds of recogniser that `make_recognizer` creates."""

    fast = "fast"
    best = "best"


class OnError(StrEnum):
    """What to do after a clip that cannot be read."""

    raise_ = "raise"
    skip = "skip"


@dataclass(frozen=True)
class Source:
    """A corpus, and where its labels and speakers are."""

    corpus: str
    label: str | None = None
    speaker: str | None = None
    path: str | None = None
    start: str | None = None
    end: str | None = None
    sheet: str | None = None
    root: Path | None = None
    audio: Path | None = None
    canonical_labels: bool = False


@dataclass(frozen=True)
class ClipTable:
    """Where a table lists clips, which need no labels."""

    path: str | None = None
    start: str | None = None
    end: str | None = None
    sheet: str | None = None
    root: Path | None = None

    @property
    def given(self) -> list[str]:
        """The flags that were given."""
        return [f"--{name}" for name, value in vars(self).items() if value is not None]


@dataclass(frozen=True)
class Recipe:
    """The flags that describe a pipeline; None if not given."""

    features: str | None
    classifier: str | None
    pooling: str | None
    deltas: int | None
    epochs: int | None
    random_state: int
    model: str | None = None
    allow_pickle: bool = False

    @property
    def own(self) -> list[str]:
        """The given flags that describe the user's own pipeline."""
        names = ("features", "classifier", "pooling", "deltas")
        return [f"--{name}" for name in names if getattr(self, name) is not None]


@dataclass(frozen=True)
class Described:
    """The features to extract and how to pool them."""

    features: str
    pooling: str
    deltas: int


@dataclass(frozen=True)
class ModelFile:
    """A model file, and whether it may be a pickle."""

    path: Path
    allow_pickle: bool


@dataclass(frozen=True)
class Page:
    """The options of a report."""

    path: Path
    title: str | None
    n_pairs: int
    select: bool
    protocols: bool


FEATURES = "zcr,rms,mfcc,chroma,spectralrolloff,spectralcontrast"
POOLING = "mean,std"
DELTAS = 1
EPOCHS = 50

_OWN = "A pipeline of your own"
_CORPUS_HELP = (
    "A folder of clips, a table (csv, tsv, xlsx, ods) that lists them, or NAME:PATH, where NAME "
    "is the format: ravdess, crema_d, tess, savee, emo_db, emov_db, folder, table, audformat, "
    "textgrid, elan. 'synthetic' is the built-in test signal."
)
Corpus = Annotated[str, typer.Argument(metavar="CORPUS", help=_CORPUS_HELP, show_default=False)]
Label = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Where the emotion is: a regular expression for the path, a column of the table, or a "
        "tier. [default: the clip's folder, the column 'label' or 'emotion', or the tier "
        "'emotion']",
        show_default=False,
        rich_help_panel="The corpus",
    ),
]
Speaker = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Where the speaker is, in the same form as --label; 'parent' is the clip's folder.",
        show_default=False,
        rich_help_panel="The corpus",
    ),
]
_PATH_HELP = (
    "Column of a table with the files. [default: 'path', 'file', 'filename', 'filepath' or 'audio']"
)
_START_HELP = (
    "Column of a table with the start of each clip in seconds. [default: 'start', 'begin' or "
    "'onset']"
)
_END_HELP = "Column of a table with the end of each clip. [default: 'end', 'stop' or 'offset']"


_SHEET_HELP = "Sheet of a workbook. [default: the first]"
_ROOT_HELP = "Folder that relative paths in a table start from. [default: the folder of the table]"
_AUDIO_HELP = (
    "Folder of the recordings that TextGrid or .eaf files annotate, or the recording of a single "
    "file. [default: the folder of the annotations]"
)


def _flag(kind: type, metavar: str, text: str, panel: str) -> tuple[Any, None]:
    """Return the annotation and the default of a flag."""
    option = typer.Option(metavar=metavar, help=text, show_default=False, rich_help_panel=panel)
    return Annotated[kind | None, option], None


def _of_a_table(panel: str) -> dict[str, tuple[Any, None]]:
    return {
        "path": _flag(str, "COLUMN", _PATH_HELP, panel),
        "start": _flag(str, "COLUMN", _START_HELP, panel),
        "end": _flag(str, "COLUMN", _END_HELP, panel),
        "sheet": _flag(str, "NAME", _SHEET_HELP, panel),
        "root": _flag(Path, "FOLDER", _ROOT_HELP, panel),
    }


_CanonicalLabels = Annotated[
    bool,
    typer.Option(
        "--canonical-labels",
        help="Replace your names of emotions by those of the common vocabulary ('fear' becomes "
        "'fearful'). Known corpora always use these names.",
        rich_help_panel="The corpus",
    ),
]
_OF_SOURCE: dict[str, tuple[Any, Any]] = {
    "corpus": (Corpus, inspect.Parameter.empty),
    "label": (Label, None),
    "speaker": (Speaker, None),
    **_of_a_table("The corpus"),
    "audio": _flag(Path, "FOLDER", _AUDIO_HELP, "The corpus"),
    "canonical_labels": (_CanonicalLabels, False),
}
"""Annotation and default of each field of `Source`."""


_OF_CLIP_TABLE = _of_a_table("A table of clips")
"""Annotation and default of each field of `ClipTable`."""


def takes_corpus(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the flags of a corpus to a command, which gets them as one `Source`.

    Parameters
    ----------
    command : callable
        Command with a parameter ``source``, which is replaced by the argument and the flags.

    Returns
    -------
    command : callable
        Command that takes the argument and the flags.
    """
    return _takes(command, "source", Source, _OF_SOURCE)


def takes_clip_table(command: Callable[..., None]) -> Callable[..., None]:
    """Add the flags of a table of clips to a command, which gets them as one `ClipTable`.

    Parameters
    ----------
    command : callable
        Command with a parameter ``table``, which is replaced by the flags.

    Returns
    -------
    command : callable
        Command that takes the flags.
    """
    return _takes(command, "table", ClipTable, _OF_CLIP_TABLE)


def _takes(
    command: Callable[..., None], name: str, bundle: type, flags: dict[str, tuple[Any, Any]]
) -> Callable[..., None]:
    """Replace a parameter of a command by flags, which the command gets as one object."""

    @wraps(command)
    def with_flags(**values: Any) -> None:
        bundled = bundle(**{flag: values.pop(flag) for flag in flags})
        command(**{name: bundled}, **values)

    parameters: list[inspect.Parameter] = []
    for own in inspect.signature(command, eval_str=True).parameters.values():
        if own.name != name:
            parameters.append(own.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        parameters += [
            inspect.Parameter(
                flag, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
            for flag, (annotation, default) in flags.items()
        ]
    # Typer reads the parameters of the command from both attributes.
    with_flags.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_flags.__annotations__ = {own.name: own.annotation for own in parameters}
    return with_flags


_FEATURES_HELP = (
    "Names of features, separated by commas: zcr, mfcc, pitch, ...; 'voice' for the twelve "
    "features of the voice; 'egemaps' for the 88 values of eGeMAPS, which --pooling and --deltas "
    "do not change; 'all' for every feature except egemaps. 'skser extract --list-features' lists "
    "them."
)
_POOLING_HELP = (
    "Functionals that summarise the frames of a clip: mean, std, min, max, median, p95, ...; "
    "'functionals' for ten of them."
)
_DELTAS_HELP = "Order of the delta coefficients (derivatives over time) to append."
Features = Annotated[str, typer.Option(metavar="NAME,...", help=_FEATURES_HELP)]
OwnFeatures = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help=f"{_FEATURES_HELP} [default: {FEATURES}]",
        show_default=False,
        rich_help_panel=_OWN,
    ),
]
Pooling = Annotated[str, typer.Option(metavar="NAME,...", help=_POOLING_HELP)]
OwnPooling = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help=f"{_POOLING_HELP} [default: {POOLING}]",
        show_default=False,
        rich_help_panel=_OWN,
    ),
]
Deltas = Annotated[int, typer.Option(min=0, max=2, help=_DELTAS_HELP)]
OwnDeltas = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=2,
        help=f"{_DELTAS_HELP} [default: {DELTAS}]",
        show_default=False,
        rich_help_panel=_OWN,
    ),
]
_CLASSIFIER_HELP = (
    "Classifier at the end of the pipeline: a support-vector machine, linear discriminant "
    "analysis, or a convolutional network."
)
ClassifierChoice = Annotated[Classifier, typer.Option(help=_CLASSIFIER_HELP)]
OwnClassifier = Annotated[
    Classifier | None,
    typer.Option(
        help=f"{_CLASSIFIER_HELP} [default: svm]", show_default=False, rich_help_panel=_OWN
    ),
]
_EPOCHS_HELP = "Number of passes over the data when training a network."
Epochs = Annotated[int, typer.Option(min=1, help=_EPOCHS_HELP)]
OwnEpochs = Annotated[
    int | None,
    typer.Option(
        min=1,
        help=f"{_EPOCHS_HELP} [default: {EPOCHS}, or that of --model best]",
        show_default=False,
    ),
]
SkipOrRaise = Annotated[
    OnError,
    typer.Option(
        "--on-error",
        help="What to do with clips that cannot be read: stop with an error (raise), or leave "
        "them out (skip). In both cases, all of them are listed.",
    ),
]
_FOLDS_HELP = "Number of folds of the cross-validation."
Folds = Annotated[int, typer.Option(min=2, help=_FOLDS_HELP)]
OwnFolds = Annotated[
    int | None, typer.Option(min=2, help=f"{_FOLDS_HELP} [default: 5]", show_default=False)
]
Memory = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder in which extracted features are cached, which speeds up the next run.",
        show_default=False,
    ),
]
Jobs = Annotated[int, typer.Option(metavar="N", help="Number of processes; -1 for one per core.")]
Seed = Annotated[int, typer.Option(metavar="SEED", help="Random seed.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
_KINDS = (
    "'fast', a logistic regression, which trains in seconds; 'best', which adds a network and "
    "trains in minutes"
)
_DEFAULT_MODEL = "[default: fast, unless flags describe a pipeline of your own]"
NewModel = Annotated[
    Kind | None,
    typer.Option(
        "--model",
        help=f"Recogniser to train: {_KINDS}. {_DEFAULT_MODEL}",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="fast|best|FILE",
        help=f"Recogniser to train in each fold: {_KINDS}; or a model file, whose pipeline is "
        f"retrained. {_DEFAULT_MODEL}",
        show_default=False,
    ),
]
MODEL_HELP = "Model file, as written by 'skser train'."
ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help=MODEL_HELP, show_default=False)]
Onnx = Annotated[
    bool,
    typer.Option(
        "--onnx",
        help="Also store networks in ONNX format, so that the model predicts without "
        "TensorFlow. This requires pip install 'skser[export]'.",
    ),
]
AllowPickle = Annotated[
    bool,
    typer.Option(
        "--allow-pickle",
        help="Open a model that is a pickle. A pickle runs code when it is opened, so pass this "
        "only for files that you trust.",
    ),
]
Window = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Length of a window. [default: 2, or the window that a SegmentClassifier was trained "
        "with]",
        show_default=False,
    ),
]
Hop = Annotated[float, typer.Option(metavar="SECONDS", help="Step from one window to the next.")]
MinLevel = Annotated[
    float,
    typer.Option(
        metavar="DB",
        help="Level in dB relative to full scale below which a window gets no emotion.",
    ),
]
