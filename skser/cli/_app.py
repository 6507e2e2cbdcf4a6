"""Commands and their flags. What a command does is in the module of its name.

These modules load scikit-learn and more, so each is imported when its command runs: help must
come at once.
"""
# In help, \b keeps the lines of a paragraph as they are; in a raw docstring it would be text.
# ruff: noqa: D301

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import HAS_RICH, TyperGroup

from skser._text import visible, visible_lines
from skser.cli._options import (
    DELTAS,
    EPOCHS,
    FEATURES,
    POOLING,
    AllowPickle,
    Classifier,
    ClassifierChoice,
    Corpus,
    Deltas,
    Described,
    Epochs,
    Features,
    Folds,
    Hop,
    Jobs,
    Json,
    Label,
    Memory,
    MinLevel,
    Model,
    ModelFile,
    NewModel,
    OnError,
    Onnx,
    OwnClassifier,
    OwnDeltas,
    OwnEpochs,
    OwnFeatures,
    OwnPooling,
    Page,
    Pooling,
    Recipe,
    Seed,
    SkipOrRaise,
    Source,
    Speaker,
    Window,
)
from skser.exceptions import SkserError

# Of click, or of typer's copy of it.
_UsageError: Any = typer.BadParameter.__base__


class _Commands(TyperGroup):
    """Turn what goes wrong into a line on stderr and an exit code; print help as it is written."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        if HAS_RICH:
            for command in (self, *self.commands.values()):
                _take_literally(command)

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                typer.echo("\nInterrupted. Nothing was left half-written.", err=True)
                raise typer.Exit(130) from None
            except BrokenPipeError:
                raise
            except _UsageError as error:
                error.message = visible_lines(error.message)
                raise
            except (SkserError, ValueError, OSError, ImportError) as error:
                if ctx.params["debug"]:
                    raise
                first_line = (str(error).strip() or type(error).__name__).split("\n")[0]
                typer.echo(f"Error: {visible(first_line)}", err=True)
                raise typer.Exit(1) from None


def _take_literally(command: Any) -> None:
    """Escape help texts for rich, to which the brackets of a regular expression are markup."""
    from rich.markup import escape

    for described in (command, *command.params):
        if getattr(described, "help", None):
            described.help = escape(described.help)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"Warning: {visible_lines(str(message).strip())}", err=True)


app = typer.Typer(
    name="skser",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        from skser import __version__

        typer.echo(f"skser {__version__}")
        raise typer.Exit


@app.callback()
def skser(
    debug: Annotated[bool, typer.Option(help="Show where an error comes from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and exit.")
    ] = False,
) -> None:
    """Recognise emotions in speech: describe a corpus, choose features, train, evaluate, predict.

    \b
    Try it on the built-in test signal:
      skser describe synthetic
      skser evaluate synthetic
      skser report synthetic -o report.html

    \b
    With recordings of your own, a folder for each emotion:
      skser describe clips --speaker 'speaker(\\d+)'
      skser train clips -o model.skser
      skser predict model.skser new.wav

    Results go to stdout, everything else to stderr. Exit codes: 0 done,
    1 something is wrong with the input, 2 wrong usage, 130 interrupted.
    """


@app.command()
def demo(
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="For pictures and model.")] = Path(
        "demo-output"
    ),
    n_jobs: Jobs = 2,
    random_state: Seed = 0,
) -> None:
    """Do the main job on built-in speech, in minutes: select, train, test on unseen speakers."""
    from skser.cli._demo import demo

    demo(output, n_jobs, random_state)


@app.command()
def describe(
    corpus: Corpus,
    label: Label = None,
    speaker: Speaker = None,
    n_jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Tell what a corpus holds, and what is wrong with it.

    Look at this before you train on a corpus: clips that are silent, clipped
    or there twice, and whether their mere durations give the emotion away.

    \b
    Examples:
      skser describe data/ravdess
      skser describe clips --label '([a-z]+)_take' --speaker 'speaker(\\d+)'
      skser describe clips.csv --label emotion --json
    """
    from skser.cli._describe import describe

    describe(Source(corpus, label, speaker), n_jobs, json)


def _list_features(wanted: bool) -> None:
    if wanted:
        from skser.cli._list_features import list_features

        list_features()
        raise typer.Exit


@app.command()
def extract(
    corpus: Corpus,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A .csv or .parquet file.", show_default=False
        ),
    ],
    label: Label = None,
    speaker: Speaker = None,
    features: Features = FEATURES,
    pooling: Pooling = POOLING,
    deltas: Deltas = DELTAS,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of a window: one row per window, not per clip.",
            show_default=False,
        ),
    ] = None,
    hop: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Step from one window to the next. [default: the length of a window]",
            show_default=False,
        ),
    ] = None,
    list_features: Annotated[
        bool,
        typer.Option(
            "--list-features",
            callback=_list_features,
            is_eager=True,
            help="Show the names of all features, and exit.",
        ),
    ] = False,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Write a table of features, a row a clip.

    Its first columns are path, start, end, speaker and emotion; the others
    are named after feature, coefficient and pooling: mfcc__mfcc01_mean. The
    88 values of eGeMAPS have the names that papers give them.

    \b
    Examples:
      skser extract data/ravdess -o features.csv
      skser extract clips -o features.parquet --pooling mean,std,p95
      skser extract clips --features egemaps -o table.csv
    """
    from skser.cli._extract import extract

    source = Source(corpus, label, speaker)
    described = Described(features, pooling, deltas)
    extract(source, output, described, window, hop, on_error, memory, n_jobs, json)


@app.command()
def select(
    corpus: Corpus,
    keep: Annotated[
        str, typer.Option(metavar="NAME,...", help="Features that every set has.")
    ] = "zcr,rms",
    add: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Features to add, in this order; 'voice' adds the twelve of the voice in turn.",
        ),
    ] = "mfcc,chroma,spectralrolloff,spectralcontrast",
    label: Label = None,
    speaker: Speaker = None,
    classifier: ClassifierChoice = Classifier.svm,
    pooling: Pooling = POOLING,
    deltas: Deltas = DELTAS,
    epochs: Epochs = EPOCHS,
    folds: Folds = 5,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Train the best set on the whole corpus, and write the model there.",
            show_default=False,
        ),
    ] = None,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Add one feature after the other, and tell what each gains on unseen speakers.

    The scores are UAR, the mean over emotions of the share recognised, in
    speaker-disjoint folds. The best of several tries is partly luck: the best
    score is not what the best set is worth.

    \b
    Examples:
      skser select data/ravdess --memory .skser-cache
      skser select clips --speaker 'speaker(\\d+)' --keep mfcc --add rms,zcr
      skser select data/ravdess --keep mfcc --add pitch,loudness,hnr
    """
    from skser.cli._select import select

    recipe = Recipe("", classifier, pooling, deltas, epochs, random_state)
    source = Source(corpus, label, speaker)
    select(source, keep, add, recipe, folds, output, on_error, memory, n_jobs, json)


@app.command()
def train(
    corpus: Corpus,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The model file.", show_default=False),
    ],
    label: Label = None,
    speaker: Speaker = None,
    model: NewModel = None,
    features: OwnFeatures = None,
    classifier: OwnClassifier = None,
    pooling: OwnPooling = None,
    deltas: OwnDeltas = None,
    epochs: OwnEpochs = None,
    onnx: Onnx = False,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Train a recogniser on a whole corpus, and write it to a file.

    Without more flags this is 'fast'. Flags that describe a pipeline of your
    own, such as --features, replace it: features, then StandardScaler, then the
    classifier. Nothing is left to test on: ask 'skser evaluate', with the same
    flags, what it is worth on new speakers.

    With --speaker, the probabilities of --classifier svm are calibrated in
    speaker-disjoint folds. The labels do not depend on it.

    The file runs no code when it is opened: it can be sent to others. What it
    says of itself is printed by 'skser info'. If its name ends with .pkl, .pickle
    or .joblib, it is a pickle instead, which runs code that is in it.

    \b
    Examples:
      skser train data/ravdess -o model.skser
      skser train clips -o model.skser --model best
      skser train clips -o model.skser --features mfcc,voice
      skser train clips -o model.skser --classifier conv1d --epochs 100
    """
    from skser.cli._train import train

    recipe = Recipe(features, classifier, pooling, deltas, epochs, random_state, model)
    train(Source(corpus, label, speaker), output, recipe, onnx, on_error, memory, n_jobs, json)


@app.command()
def evaluate(
    corpus: Corpus,
    label: Label = None,
    speaker: Speaker = None,
    model: Model = None,
    allow_pickle: AllowPickle = False,
    features: OwnFeatures = None,
    classifier: OwnClassifier = None,
    pooling: OwnPooling = None,
    deltas: OwnDeltas = None,
    epochs: OwnEpochs = None,
    folds: Folds = 5,
    test_speakers: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Speakers to test on; the model is trained on all others, once.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .csv file for one row per clip: true and predicted label, probabilities, "
            "speaker, fold.",
            show_default=False,
        ),
    ] = None,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Score a recogniser on new speakers, beside the random split that flatters it.

    Without more flags this is 'fast'. It is trained anew for every fold. The
    speaker-disjoint UAR is the one to report.

    \b
    Examples:
      skser evaluate data/ravdess --memory .skser-cache
      skser evaluate data/ravdess --model best --memory .skser-cache
      skser evaluate data/ravdess --features egemaps
      skser evaluate recordings --speaker parent --label '_([a-z]+)' --json
    """
    from skser.cli._evaluate import evaluate

    described = (features, classifier, pooling, deltas, epochs)
    recipe = Recipe(*described, random_state, model, allow_pickle)
    source = Source(corpus, label, speaker)
    evaluate(source, recipe, folds, test_speakers, predictions, on_error, memory, n_jobs, json)


@app.command()
def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Written by train.", show_default=False)
    ],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES...", help="Clips, or folders of clips.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .csv file to write the predictions to, one row per clip.",
            show_default=False,
        ),
    ] = None,
    allow_pickle: AllowPickle = False,
    json: Json = False,
) -> None:
    """Print file, emotion and its probability, a line a file, separated by tabs.

    Control characters in a name are printed as escapes such as \\x1b; --json
    has the names as they are.

    A file that cannot be read is named on stderr; the others are predicted,
    and the exit code is 1.

    The emotion is what the model decides, and the probability is that of this
    emotion. Those of 'fast' are rather low for new speakers. Those of
    --classifier svm are calibrated on speakers it was not trained on if it was
    trained with --speaker; otherwise they are too high for new speakers. For
    other recordings all of them may be too high.

    Opening a .skser file runs no code. A pickle runs what is in it, and is
    opened only with --allow-pickle.

    \b
    Examples:
      skser predict model.skser new.wav
      skser predict model.skser calls/*.wav --json
    """
    from skser.cli._predict import predict

    predict(ModelFile(model, allow_pickle), files, output, json)


@app.command()
def info(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Written by train.", show_default=False)
    ],
    json: Json = False,
) -> None:
    """Print what a model file says of itself: classes, input, versions, score, licence.

    The model is not opened. Nothing that it says is proven.

    \b
    Examples:
      skser info model.skser
      skser info model.skser --json
    """
    from skser.cli._info import info

    info(model, json)


@app.command()
def timeline(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The recording.", show_default=False)
    ],
    model: Annotated[
        Path,
        typer.Option("--model", metavar="MODEL", help="Written by train.", show_default=False),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .csv, .TextGrid (Praat) or .json file.",
            show_default=False,
        ),
    ],
    window: Window = None,
    hop: Hop = 1.0,
    smooth: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Average the probabilities over so long, and take the label from the mean.",
            show_default=False,
        ),
    ] = None,
    min_level: MinLevel = -60.0,
    allow_pickle: AllowPickle = False,
) -> None:
    """Write the emotion in each window of a long recording, over time.

    The file is read in blocks: ten hours take no more memory than a minute.
    A TextGrid has one tier, in which neighbours of one emotion are joined;
    windows that overlap meet in the middle of what they share.

    \b
    Examples:
      skser timeline new.wav --model model.skser --window 1 -o timeline.csv
      skser timeline new.wav --model model.skser --smooth 5 -o new.TextGrid
    """
    from skser.cli._timeline import timeline

    timeline(file, ModelFile(model, allow_pickle), output, window, hop, smooth, min_level)


@app.command()
def listen(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Written by train.", show_default=False)
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="Play this file in place of the microphone, without making a sound.",
            show_default=False,
        ),
    ] = None,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play it as fast as it was recorded.")
    ] = False,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Microphone: its number or part of its name, as 'python -m sounddevice' lists.",
            show_default=False,
        ),
    ] = None,
    window: Window = None,
    hop: Hop = 0.5,
    min_level: MinLevel = -60.0,
    allow_pickle: AllowPickle = False,
) -> None:
    """Print a line for each window of what a microphone hears, until Ctrl-C.

    When the window ends, its level in dB relative to full scale, the emotion,
    and a bar for the probability of each. Silence has no emotion: what is
    below --min-level is quiet, which says nothing about who speaks or whether.

    The microphone needs pip install 'skser[live]'.

    \b
    Examples:
      skser listen model.skser --input new.wav --window 1
      skser listen model.skser --input new.wav --hop 0.25 --min-level -50
    """
    from skser.cli._listen import listen

    listen(ModelFile(model, allow_pickle), source, realtime, device, window, hop, min_level)


@app.command()
def report(
    corpus: Corpus,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page.")
    ] = Path("report.html"),
    label: Label = None,
    speaker: Speaker = None,
    model: Model = None,
    allow_pickle: AllowPickle = False,
    features: OwnFeatures = None,
    classifier: OwnClassifier = None,
    pooling: OwnPooling = None,
    deltas: OwnDeltas = None,
    epochs: OwnEpochs = None,
    select: Annotated[
        bool,
        typer.Option(
            "--select",
            help="Add the features one by one first, in their order, and show the curve.",
        ),
    ] = False,
    protocols: Annotated[
        bool, typer.Option("--protocols", help="Compare random and disjoint splits too; slower.")
    ] = False,
    pairs: Annotated[
        int, typer.Option(min=0, max=50, help="Pairs of confused emotions to show clips of.")
    ] = 5,
    title: Annotated[str | None, typer.Option(help="Of the page.", show_default=False)] = None,
    folds: Folds = 5,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Write one HTML page: corpus, pipeline, scores, confusions that can be heard.

    It needs no network and can be sent to others: some of the clips are in it.

    \b
    Examples:
      skser report synthetic
      skser report data/ravdess -o ravdess.html --select --protocols
      skser report clips --speaker 'speaker(\\d+)' --model model.skser
    """
    from skser.cli._report import report

    described = (features, classifier, pooling, deltas, epochs)
    recipe = Recipe(*described, random_state, model, allow_pickle)
    source = Source(corpus, label, speaker)
    page = Page(output, title, pairs, select, protocols)
    report(source, page, recipe, folds, on_error, memory, n_jobs, json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit.

    Parameters
    ----------
    arguments : sequence of str, default=None
        None: those of the process.
    """
    # A file's name may hold what the terminal cannot show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(args=arguments, prog_name="skser")
