"""Arguments and flags that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Classifier(StrEnum):
    """What stands at the end of the pipeline."""

    svm = "svm"
    lda = "lda"
    conv1d = "conv1d"


class OnError(StrEnum):
    """What becomes of a clip that cannot be read."""

    raise_ = "raise"
    nan = "nan"


@dataclass(frozen=True)
class Source:
    """Which corpus, and where its labels and speakers are."""

    corpus: str
    label: str | None
    speaker: str | None


@dataclass(frozen=True)
class Recipe:
    """What a pipeline is made of."""

    features: str
    classifier: str
    pooling: str
    deltas: int
    epochs: int
    random_state: int


@dataclass(frozen=True)
class Page:
    """What is asked of a report."""

    path: Path
    title: str | None
    n_pairs: int
    select: bool
    protocols: bool


_CORPUS_HELP = (
    "A folder of clips, a table (csv, tsv) that lists them, or NAME:PATH, where NAME says how to "
    "read it: ravdess, crema_d, tess, savee, emo_db, emov_db, folder, table, audformat. "
    "'synthetic' is the built-in test signal."
)
Corpus = Annotated[str, typer.Argument(metavar="CORPUS", help=_CORPUS_HELP, show_default=False)]
Label = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Where the emotion is: a regular expression on the path, or a table's column. "
        "Otherwise: the clip's folder, or the column 'label'.",
        show_default=False,
        rich_help_panel="The corpus",
    ),
]
Speaker = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Where the speaker is, likewise; 'parent' is the clip's folder.",
        show_default=False,
        rich_help_panel="The corpus",
    ),
]
Features = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="Features to extract: zcr, mfcc, pitch, ...; 'voice', all twelve features of the "
        "voice; 'egemaps', the 88 values of eGeMAPS, which --pooling and --deltas do not change; "
        "or 'all', every one but egemaps.",
        rich_help_panel="The pipeline",
    ),
]
Pooling = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="What becomes of the frames of a clip: mean, std, min, max, median, p95, ...",
        rich_help_panel="The pipeline",
    ),
]
Deltas = Annotated[
    int,
    typer.Option(
        min=0,
        max=2,
        help="Take derivatives over time too, so many.",
        rich_help_panel="The pipeline",
    ),
]
ClassifierChoice = Annotated[
    Classifier,
    typer.Option(
        help="Support-vector machine, linear discriminant analysis, or a convolutional network.",
        rich_help_panel="The pipeline",
    ),
]
Epochs = Annotated[
    int,
    typer.Option(min=1, help="Passes over the data, of a network.", rich_help_panel="The pipeline"),
]
Folds = Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")]
Memory = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Keep extracted features there, and find them again in the next run.",
        show_default=False,
    ),
]
Jobs = Annotated[int, typer.Option(metavar="N", help="Processes; -1 is one a core.")]
Seed = Annotated[int, typer.Option(metavar="SEED", help="Of everything random.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Take the pipeline of this model file instead. Opening it runs code that is in it: "
        "open only what you trust.",
        show_default=False,
        rich_help_panel="The pipeline",
    ),
]
Window = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Length of a window. Otherwise: 2, or what a SegmentClassifier was trained on.",
        show_default=False,
    ),
]
Hop = Annotated[float, typer.Option(metavar="SECONDS", help="From a window to the next.")]
MinLevel = Annotated[
    float,
    typer.Option(
        metavar="DB", help="Windows below this level, relative to full scale, have no emotion."
    ),
]

FEATURES = "zcr,rms,mfcc,chroma,spectralrolloff,spectralcontrast"
POOLING = "mean,std"
