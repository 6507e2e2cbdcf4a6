"""Commands and their flags. Each command is implemented in the module of its name.

These modules load scikit-learn and more, so each is imported only when its command runs, and help
appears at once.
"""
# In help, \b keeps the line breaks of a paragraph; in a raw docstring it would be text.
# ruff: noqa: D301

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import HAS_RICH, TyperGroup

from skser._text import visible, visible_lines
from skser.cli._options import (
    DELTAS,
    EPOCHS,
    FEATURES,
    MODEL_HELP,
    POOLING,
    AllowPickle,
    Classifier,
    ClassifierChoice,
    ClipTable,
    Deltas,
    Described,
    Epochs,
    Features,
    Folds,
    Hop,
    Jobs,
    Json,
    Memory,
    MinLevel,
    Model,
    ModelFile,
    ModelPath,
    NewModel,
    OnError,
    Onnx,
    OwnClassifier,
    OwnDeltas,
    OwnEpochs,
    OwnFeatures,
    OwnFolds,
    OwnPooling,
    Page,
    Pooling,
    Recipe,
    Seed,
    SkipOrRaise,
    Source,
    Window,
    takes_clip_table,
    takes_corpus,
)
from skser.exceptions import SkserError

# The class of click, or of typer's copy of click.
_UsageError: Any = typer.BadParameter.__base__


class _Commands(TyperGroup):
    """Convert errors to a line on stderr and an exit code, and print help texts literally."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        if HAS_RICH:
            for command in (self, *self.commands.values()):
                _take_literally(command)

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = _showing_each_once()
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
                message = (
                    " ".join(map(str.strip, str(error).split("\n"))).strip() or type(error).__name__
                )
                typer.echo(f"Error: {visible(message)}", err=True)
                raise typer.Exit(1) from None


def _take_literally(command: Any) -> None:
    """Escape help texts for rich, which parses the brackets of a regular expression as markup."""
    from rich.markup import escape

    for described in (command, *command.params):
        if getattr(described, "help", None):
            described.help = escape(described.help)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"Warning: {visible_lines(str(message).strip())}", err=True)


def _showing_each_once() -> Callable[..., None]:
    """Return a function that shows a warning unless it has shown the same text before.

    Without it, a warning about the clips would be repeated for every fold.
    """
    shown: set[str] = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in shown:
            shown.add(str(message))
            _show_warning(message)

    return show


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
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
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

    Results go to stdout, messages to stderr. Exit codes: 0 for success,
    1 for a problem with the input, 2 for wrong usage, 130 if interrupted.
    """


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder to write the results to.")
    ] = Path("demo-output"),
    n_jobs: Jobs = 2,
    random_state: Seed = 0,
) -> None:
    """Select features, and train and test a recogniser on built-in speech, in minutes."""
    from skser.cli._demo import demo

    demo(output, n_jobs, random_state)


@app.command()
@takes_corpus
def describe(
    source: Source,
    n_jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Describe a corpus and the faults of its clips.

    Run this before you train on a corpus. It finds clips that are unreadable,
    silent, clipped or duplicated, and shows whether the duration of a clip
    alone reveals its emotion.

    \b
    Examples:
      skser describe data/ravdess
      skser describe clips --label '([a-z]+)_take' --speaker 'speaker(\\d+)'
      skser describe clips.csv --label emotion --json
    """
    from skser.cli._describe import describe

    describe(source, n_jobs, json)


def _list_features(wanted: bool) -> None:
    if wanted:
        from skser.cli._list_features import list_features

        list_features()
        raise typer.Exit


@app.command()
@takes_corpus
def extract(
    source: Source,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .csv, .xlsx or .parquet file to write.",
            show_default=False,
        ),
    ],
    features: Features = FEATURES,
    pooling: Pooling = POOLING,
    deltas: Deltas = DELTAS,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of a window, to write one row per window instead of one per clip.",
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
    """Write a table of features: one row per clip, or per window of each clip.

    The first columns are path, start, end, speaker and emotion, followed by
    the other columns of your table. If one of them has the name of a feature,
    "(table)" is added to it. Features are named after the feature, the
    coefficient and the functional, such as mfcc__mfcc01_mean. The 88 values of
    eGeMAPS have their published names.

    With --window, each row is a window of a clip, with its start and end in
    seconds. The last window ends with the clip and may overlap the one before
    it by more than the others do. A clip shorter than a window is one row.

    \b
    Examples:
      skser extract data/ravdess -o features.csv
      skser extract clips -o features.csv --pooling mean,std,p95
      skser extract clips --features egemaps -o table.csv
      skser extract clips --window 1 --hop 0.5 -o windows.csv
      skser extract --list-features
    """
    from skser.cli._extract import extract

    described = Described(features, pooling, deltas)
    extract(source, output, described, window, hop, on_error, memory, n_jobs, json)


@app.command()
@takes_corpus
def select(
    source: Source,
    keep: Annotated[
        str, typer.Option(metavar="NAME,...", help="Features that every set contains.")
    ] = "zcr,rms",
    add: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Features to add, in this order. 'voice' stands for the twelve features of the "
            "voice, which are added one by one.",
        ),
    ] = "mfcc,chroma,spectralrolloff,spectralcontrast",
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
            help="Model file to write, trained with the best set on the whole corpus.",
            show_default=False,
        ),
    ] = None,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Add features one by one, and show the gain of each on new speakers.

    The score is the UAR, the mean recall over emotions, averaged over
    speaker-independent folds. The best of several scores is partly luck:
    expect a little less from the best set on other recordings.

    \b
    Examples:
      skser select data/ravdess --memory .skser-cache
      skser select clips --speaker 'speaker(\\d+)' --keep mfcc --add rms,zcr
      skser select data/ravdess --keep mfcc --add pitch,loudness,hnr
    """
    from skser.cli._select import select

    recipe = Recipe("", classifier, pooling, deltas, epochs, random_state)
    select(source, keep, add, recipe, folds, output, on_error, memory, n_jobs, json)


@app.command()
@takes_corpus
def train(
    source: Source,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Model file to write.", show_default=False
        ),
    ],
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

    Without other flags, the recogniser is 'fast'. The flags under 'A pipeline
    of your own', such as --features, replace it by these features, a
    StandardScaler and a classifier.

    All clips are used for training, so none is left for testing. 'skser
    evaluate' with the same flags estimates how well the model recognises new
    speakers.

    With --speaker, the probabilities of --classifier svm are calibrated on
    speakers that do not appear in training. The predicted labels stay the same.

    A .skser file runs no code when it is opened, so you can send it to others;
    'skser info' prints its card. If the file is named .pkl, .pickle or .joblib,
    the model is written as a pickle, which runs code when it is opened.

    \b
    Examples:
      skser train data/ravdess -o model.skser
      skser train clips -o model.skser --model best
      skser train clips -o model.skser --features mfcc,voice
      skser train clips -o model.skser --classifier conv1d --epochs 100
    """
    from skser.cli._train import train

    recipe = Recipe(features, classifier, pooling, deltas, epochs, random_state, model)
    train(source, output, recipe, onnx, on_error, memory, n_jobs, json)


@app.command()
@takes_corpus
def evaluate(
    source: Source,
    model: Model = None,
    allow_pickle: AllowPickle = False,
    features: OwnFeatures = None,
    classifier: OwnClassifier = None,
    pooling: OwnPooling = None,
    deltas: OwnDeltas = None,
    epochs: OwnEpochs = None,
    folds: OwnFolds = None,
    test_speakers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...",
            help="Speakers to test on; the model is trained once, on all others. The flag can be "
            "repeated, for example for names with commas. It cannot be combined with --folds.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .csv or .xlsx file for one row per clip: true and predicted label, "
            "probabilities, speaker, fold.",
            show_default=False,
        ),
    ] = None,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Estimate how well a recogniser does on speakers that it was not trained on.

    Without other flags, the recogniser is 'fast'. It is retrained in every
    fold, and no speaker appears in both training and test. The UAR at the top,
    the one to report, is pooled over the clips of all folds. The last table
    compares ways to split by their mean over folds: a random split has the same
    speakers in training and test, so its score is too high for new speakers.

    --test-speakers defines a single split. --predictions writes a table with
    one row per clip, for inspecting errors or computing other scores.

    \b
    Examples:
      skser evaluate data/ravdess --memory .skser-cache
      skser evaluate data/ravdess --model best --memory .skser-cache
      skser evaluate data/ravdess --features egemaps
      skser evaluate data/ravdess --test-speakers 01,03 --predictions out.csv
      skser evaluate recordings --speaker parent --label '_([a-z]+)' --json
    """
    from skser.cli._evaluate import evaluate

    described = (features, classifier, pooling, deltas, epochs)
    recipe = Recipe(*described, random_state, model, allow_pickle)
    evaluate(
        source, recipe, folds, test_speakers or None, predictions, on_error, memory, n_jobs, json
    )


@app.command()
@takes_clip_table
def predict(
    model: ModelPath,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES...",
            help="Clips, folders of clips, or tables (csv, xlsx, ods) that list clips.",
            show_default=False,
        ),
    ],
    table: ClipTable,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .csv or .xlsx file to write the predictions to, one row per clip.",
            show_default=False,
        ),
    ] = None,
    allow_pickle: AllowPickle = False,
    json: Json = False,
) -> None:
    """Predict the emotion of each clip.

    Prints one line per clip: file, emotion and the probability of this
    emotion, separated by tabs. With -o, writes a table with the probability of
    every emotion.

    If a clip cannot be read, its line, or its row of the table, says why. The
    other clips are predicted, and the exit code is 1.

    A table needs a column of files, and may have columns of starts and ends in
    seconds. It needs no labels. -o writes a row for each of its rows, followed
    by its other columns. 'table:PATH' reads a file of another suffix as a table.

    The probabilities of 'fast' tend to be too low for new speakers. Those of
    --classifier svm are calibrated if the model was trained with --speaker, and
    too high for new speakers otherwise. For recordings of another kind, all of
    them may be too high.

    Control characters in a name are printed as escapes such as \\x1b; --json
    and -o keep names unchanged.

    Opening a .skser file runs no code. A pickle runs code when it is opened,
    so it needs --allow-pickle.

    \b
    Examples:
      skser predict model.skser new.wav
      skser predict model.skser calls/*.wav --json
      skser predict model.skser calls -o emotions.csv
      skser predict model.skser clips.csv -o emotions.csv
    """
    from skser.cli._predict import predict

    predict(ModelFile(model, allow_pickle), files, table, output, json)


@app.command()
def info(
    model: ModelPath,
    json: Json = False,
) -> None:
    """Print the card of a model file: classes, input, versions, score, licence.

    The model itself is not opened. The card was written by the author of the
    model; nothing in it is verified.

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
        Path, typer.Argument(metavar="FILE", help="Recording to analyse.", show_default=False)
    ],
    model: Annotated[
        Path,
        typer.Option(
            "--model",
            metavar="MODEL",
            help=MODEL_HELP,
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write: .csv, .TextGrid (Praat) or .json.",
            show_default=False,
        ),
    ],
    window: Window = None,
    hop: Hop = 1.0,
    smooth: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of a moving average over the probabilities, before the emotion is chosen.",
            show_default=False,
        ),
    ] = None,
    min_level: MinLevel = -60.0,
    allow_pickle: AllowPickle = False,
) -> None:
    """Write the emotion in each window of a long recording.

    The file is read in blocks, so ten hours take no more memory than a minute.
    A TextGrid has one tier, in which neighbouring windows of the same emotion
    are merged. Overlapping windows meet in the middle of their overlap.

    \b
    Examples:
      skser timeline new.wav --model model.skser --window 1 -o timeline.csv
      skser timeline new.wav --model model.skser --smooth 5 -o new.TextGrid
    """
    from skser.cli._timeline import timeline

    timeline(file, ModelFile(model, allow_pickle), output, window, hop, smooth, min_level)


@app.command()
def listen(
    model: ModelPath,
    source: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="File to read instead of the microphone. The sound is not played.",
            show_default=False,
        ),
    ] = None,
    realtime: Annotated[
        bool,
        typer.Option(
            "--realtime", help="Read the file in real time, as if it came from a microphone."
        ),
    ] = False,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Number of a microphone, or part of its name; 'python -m sounddevice' lists them.",
            show_default=False,
        ),
    ] = None,
    window: Window = None,
    hop: Hop = 0.5,
    min_level: MinLevel = -60.0,
    allow_pickle: AllowPickle = False,
) -> None:
    """Print the emotion in each window of live sound, until Ctrl-C.

    Each line has the time at which the window ends, its level in dB relative
    to full scale, the emotion, and a bar for the probability of each emotion.
    A window below --min-level is quiet and gets no emotion.

    To use a microphone, run pip install 'skser[live]' first.

    \b
    Examples:
      skser listen model.skser --input new.wav --window 1
      skser listen model.skser --input new.wav --hop 0.25 --min-level -50
    """
    from skser.cli._listen import listen

    listen(ModelFile(model, allow_pickle), source, realtime, device, window, hop, min_level)


@app.command()
@takes_corpus
def report(
    context: typer.Context,
    source: Source,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="HTML file to write.")
    ] = Path("report.html"),
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
            help="First add the features one by one, and show the selection curve.",
        ),
    ] = False,
    protocols: Annotated[
        bool,
        typer.Option(
            "--protocols",
            help="Also compare random, speaker-disjoint and sentence-disjoint splits (slower).",
        ),
    ] = False,
    pairs: Annotated[
        int,
        typer.Option(min=0, max=50, help="Number of confused pairs to show with clips."),
    ] = 5,
    title: Annotated[
        str | None, typer.Option(help="Title of the page.", show_default=False)
    ] = None,
    folds: Folds = 5,
    on_error: SkipOrRaise = OnError.skip,
    memory: Memory = None,
    n_jobs: Jobs = 1,
    random_state: Seed = 0,
    json: Json = False,
) -> None:
    """Write an HTML page with corpus, pipeline, scores and confused clips to listen to.

    The page is a single file that works offline. It contains some of the clips,
    so consider this before you send it to others.

    \b
    Examples:
      skser report synthetic
      skser report data/ravdess -o ravdess.html --select --protocols
      skser report clips --speaker 'speaker(\\d+)' --model model.skser
    """
    from skser.cli._repeat import command_line
    from skser.cli._report import report

    described = (features, classifier, pooling, deltas, epochs)
    recipe = Recipe(*described, random_state, model, allow_pickle)
    page = Page(output, title, pairs, select, protocols)
    report(source, page, recipe, folds, on_error, memory, n_jobs, command_line(context), json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Arguments. If None, those of the process are used.
    """
    # File names may contain characters that the terminal cannot show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(args=arguments, prog_name="skser")
