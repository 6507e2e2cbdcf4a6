"""Build pipelines from flags."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

import skser.features
from skser._text import counted
from skser.cli._models import open_model
from skser.cli._options import (
    DELTAS,
    EPOCHS,
    FEATURES,
    POOLING,
    ModelFile,
    OnError,
    Recipe,
)
from skser.cli._output import is_interactive, say
from skser.cli._usable import usable_clips
from skser.compose import AudioFeatureUnion, make_audio_union
from skser.compose._held import estimators_held, outermost
from skser.compose._speaker_calibrated_classifier import SpeakerCalibratedClassifier
from skser.datasets._drop_unreadable import find_unreadable
from skser.exceptions import AudioError
from skser.features import AudioFeature, AudioFunction, EGeMAPS
from skser.features._base import AudioExtractor
from skser.features._pooled_extractor import PooledExtractor
from skser.features._voice_feature import VoiceExtractor
from skser.neural import Conv1DClassifier
from skser.recipes import make_recognizer
from skser.selection._prefetch import prefetch_usable


def feature_classes() -> dict[str, type[AudioExtractor]]:
    """Return the features that compute vectors, by their names in a union."""
    public = (getattr(skser.features, name) for name in skser.features.__all__)
    return {
        thing.__name__.lower(): thing
        for thing in public
        if issubclass(thing, PooledExtractor | VoiceExtractor)
        and thing not in (AudioFeature, AudioFunction)
    }


def feature_groups() -> dict[str, list[str]]:
    """Return the names that stand for several features, with the names of these features.

    EGeMAPS is in no group, because it measures the same properties as the voice features.
    """
    classes = {name: of for name, of in feature_classes().items() if of is not EGeMAPS}
    voice = [name for name, of in classes.items() if issubclass(of, VoiceExtractor)]
    return {"all": sorted(classes), "voice": sorted(voice)}


def feature_names(text: str) -> list[str]:
    """Split "mfcc, voice" into names of features, and expand groups."""
    groups = feature_groups()
    return [member for name in names_of(text) for member in groups.get(name, [name])]


def names_of(text: str) -> list[str]:
    """Split "mfcc, rms" into names."""
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def make_union(features: str, pooling: str, deltas: int, **parameters: Any) -> AudioFeatureUnion:
    """Build the union of the features that a flag names.

    Parameters
    ----------
    features : str
        Names of features or groups, separated by commas.
    pooling : str
        Names of functionals, separated by commas, for features that are pooled.
    deltas : int
        Order of the delta coefficients, for the same features.
    **parameters
        Parameters of `AudioFeatureUnion`.

    Returns
    -------
    union : AudioFeatureUnion
        Union of the features.

    Raises
    ------
    ValueError
        If a feature is unknown or named twice, or no feature or functional is named.
    """
    known, names = feature_classes(), feature_names(features)
    unknown = [name for name in names if name not in known]
    if unknown:
        choices = ", ".join(sorted([*known, *feature_groups()]))
        raise ValueError(f"--features: {unknown[0]!r} is unknown. Choose from {choices}.")
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"--features {features!r}: name at least one feature, and each feature only once."
        )
    statistics = names_of(pooling)
    if not statistics:
        raise ValueError(f"--pooling {pooling!r}: name at least one functional, such as mean.")
    how: dict[str, Any] = {"pooling": statistics, "deltas": deltas}
    classes = [known[name] for name in names]
    members = [of(**how) if issubclass(of, PooledExtractor) else of() for of in classes]
    return make_audio_union(*members, **parameters)


def make_recipe(recipe: Recipe, memory: Path | None, n_jobs: int) -> Any:
    """Build the recogniser that --model names, or the pipeline that other flags describe.

    Parameters
    ----------
    recipe : Recipe
        Flags. `model` is "fast", "best" or None, which stands for "fast" unless other flags
        describe a pipeline.
    memory : Path or None
        Folder in which features are stored.
    n_jobs : int
        Number of processes that extract features.

    Returns
    -------
    recogniser : classifier
        Classifier that takes clips. It may lack probabilities.

    Raises
    ------
    ValueError
        If the flags contradict each other.
    """
    if recipe.model is None and recipe.own:
        return make_pipeline(recipe, memory, n_jobs)
    kind = recipe.model or "fast"
    if recipe.own:
        raise ValueError(
            f"{recipe.own[0]} describes a pipeline of your own, but --model {kind} already is one. "
            "Omit one of them."
        )
    how: dict[str, Any] = {"memory": memory, "n_jobs": n_jobs, "random_state": recipe.random_state}
    recognizer: Any = make_recognizer(kind, **how)
    if recipe.epochs is not None:
        if kind == "fast":
            raise ValueError(
                "--epochs applies to networks, but --model fast has none. Omit it, or pass --model "
                "best."
            )
        recognizer.set_params(network__classify__epochs=recipe.epochs)
    return recognizer


def say_what_is_missing(recognizer: Any, recipe: Recipe) -> None:
    """Say how to improve "fast" and "best", if this is possible."""
    ready = recipe.model in ("fast", "best") or (recipe.model is None and not recipe.own)
    members = [
        name
        for union in outermost(recognizer, AudioFeatureUnion)
        for name, _ in union.transformer_list
    ]
    if ready and "speechembedding" not in members:
        say(
            "The speech embedding was not used, because it has not been downloaded. It "
            "adds 0.01 to 0.04 to the UAR. To download it: "
            f'{_quoted(sys.executable)} -c "import skser; skser.fetch_speech_embedding()"'
        )


def _quoted(program: str) -> str:
    """Quote a path that contains spaces, for a shell of any system."""
    return f'"{program}"' if " " in program else program


def make_pipeline(recipe: Recipe, memory: Path | None, n_jobs: int) -> Pipeline:
    """Build the pipeline that flags describe. It may lack probabilities."""
    deltas = DELTAS if recipe.deltas is None else recipe.deltas
    features, pooling = recipe.features, recipe.pooling
    union = make_union(
        FEATURES if features is None else features,
        POOLING if pooling is None else pooling,
        deltas,
        memory=memory,
        n_jobs=n_jobs,
    )
    steps = [("features", union), ("scale", StandardScaler()), ("classify", _classifier(recipe))]
    return Pipeline(steps)


def _classifier(recipe: Recipe) -> Any:
    match recipe.classifier:
        case "lda":
            # Shrinkage is needed because there may be more values than clips.
            return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        case "conv1d":
            epochs = EPOCHS if recipe.epochs is None else recipe.epochs
            return Conv1DClassifier(epochs=epochs, random_state=recipe.random_state)
        case _:
            # The label is the class with the largest decision value, even if votes are tied.
            return SVC(C=10, class_weight="balanced", break_ties=True)


def fit_with_probabilities(recognizer: Any, corpus: Bunch, random_state: int) -> Any:
    """Fit a recogniser on a whole corpus, and calibrate probabilities if it has none.

    Parameters
    ----------
    recognizer : classifier
        Classifier from `make_recipe`, which is fitted in place.
    corpus : Bunch
        Clips, labels and, if known, speakers.
    random_state : int
        Random seed of the calibration folds.

    Returns
    -------
    recognizer : classifier
        The fitted classifier.
    """
    parameters = {}
    if not hasattr(recognizer, "predict_proba"):
        name, classifier = recognizer.steps[-1]
        classifier = SpeakerCalibratedClassifier(classifier, random_state=random_state)
        recognizer.set_params(**{name: classifier})
        if corpus.groups is None:
            say(
                "The speakers are unknown, so the probabilities are too high for new speakers. Say "
                "where the speakers are with --speaker."
            )
        else:
            parameters = {f"{name}__groups": corpus.groups}
    return recognizer.fit(corpus.data, corpus.target, **parameters)


def _without_probabilities(model: Any) -> Any:
    """Return a model without its calibration, which does not affect labels."""
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        if isinstance(last, SpeakerCalibratedClassifier):
            return clone(model).set_params(**{name: clone(last.estimator)})
    return model


@contextmanager
def kept_features(memory: Path | None) -> Iterator[Path]:
    """Yield the folder for stored features: the given one, or a temporary one."""
    if memory is not None:
        yield memory
    else:
        with tempfile.TemporaryDirectory(prefix="skser-") as folder:
            yield Path(folder)


def extract_once(
    recognizer: Any, corpus: Bunch, folder: Path, *, n_jobs: int, on_error: OnError
) -> Bunch:
    """Compute every feature of every clip and store them in a folder, where each fit finds them.

    Parameters
    ----------
    recognizer : estimator
        Estimator whose unions store their values in the folder from now on. Unions that take the
        clips themselves are computed.
    corpus : Bunch
        Clips.
    folder : Path
        Folder for the values.
    n_jobs : int
        Number of processes that extract features.
    on_error : OnError
        What to do after a clip that cannot be read.

    Returns
    -------
    usable : Bunch
        The corpus without the clips that cannot be read.
    """
    for union in outermost(recognizer, AudioFeatureUnion):
        union.set_params(memory=folder)
    unions = list(_unions_of_clips(recognizer))
    failures: dict[int, AudioError] = {}
    for union in unions:
        say_size(corpus, union)
        how = {"progress": is_interactive(), "on_error": "nan", "n_jobs": n_jobs}
        failures |= prefetch_usable(clone(union).set_params(**how), corpus.data)
    if not unions:
        failures = find_unreadable(corpus.data, n_jobs=n_jobs, progress=is_interactive())
    return usable_clips(corpus, failures, on_error)


def _unions_of_clips(recognizer: Any) -> Iterator[AudioFeatureUnion]:
    """Yield the unions that take the clips themselves."""
    if isinstance(recognizer, AudioFeatureUnion):
        yield recognizer
        return
    for pipeline in (recognizer, *estimators_held(recognizer)):
        first = pipeline.steps[0][1] if isinstance(pipeline, Pipeline) else None
        if isinstance(first, AudioFeatureUnion):
            yield first


def recognizer_to_score(recipe: Recipe) -> Any:
    """Build the recogniser that flags describe, or open a model file, to score its labels.

    Parameters
    ----------
    recipe : Recipe
        Flags. `model` may be a file.

    Returns
    -------
    recognizer : classifier
        Classifier that takes clips. Probabilities are not calibrated, because they are not used and
        each fold would take longer.

    Raises
    ------
    ValueError
        If the flags contradict each other.
    """
    if recipe.model in (None, "fast", "best"):
        return make_recipe(recipe, None, n_jobs=1)
    if recipe.own:
        raise ValueError(
            f"{recipe.own[0]} describes a pipeline, but --model {recipe.model} already is one. "
            "Omit one of them."
        )
    if recipe.epochs is not None:
        raise ValueError("--epochs has no effect on the pipeline of a model file. Omit it.")
    file = ModelFile(Path(recipe.model), recipe.allow_pickle)
    return _without_probabilities(open_model(file))


def say_size(corpus: Bunch, union: AudioFeatureUnion) -> None:
    """Print the numbers of clips and features before they are computed."""
    clips = counted(len(corpus.data), "clip")
    groups = corpus.get("groups")
    if groups is not None:
        # Without brackets in the expression, there are nearly as many speakers as clips.
        clips += f" of {counted(len(set(groups)), 'speaker')}"
    say(f"{clips}, {counted(len(union.transformer_list), 'feature')}")
