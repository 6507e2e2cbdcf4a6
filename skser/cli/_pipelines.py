"""From flags to a pipeline."""

from __future__ import annotations

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
from sklearn.utils.validation import has_fit_parameter

import skser.features
from skser.cli._models import open_model
from skser.cli._options import ModelFile, Recipe
from skser.cli._output import is_interactive, say
from skser.compose import AudioFeatureUnion, make_audio_union
from skser.compose._speaker_calibrated_classifier import SpeakerCalibratedClassifier
from skser.features import AudioFeature, AudioFunction, EGeMAPS
from skser.features._base import AudioExtractor
from skser.features._pooled_extractor import PooledExtractor
from skser.features._voice_feature import VoiceExtractor
from skser.neural import Conv1DClassifier


def feature_classes() -> dict[str, type[AudioExtractor]]:
    """Return the features that make vectors, by the names they have in a union."""
    public = (getattr(skser.features, name) for name in skser.features.__all__)
    return {
        thing.__name__.lower(): thing
        for thing in public
        if issubclass(thing, PooledExtractor | VoiceExtractor)
        and thing not in (AudioFeature, AudioFunction)
    }


def feature_groups() -> dict[str, list[str]]:
    """Return the names that stand for several features, and the names of these.

    EGeMAPS is in no group: it measures what the features of the voice do.
    """
    classes = {name: of for name, of in feature_classes().items() if of is not EGeMAPS}
    voice = [name for name, of in classes.items() if issubclass(of, VoiceExtractor)]
    return {"all": sorted(classes), "voice": sorted(voice)}


def feature_names(text: str) -> list[str]:
    """Split "mfcc, voice" into names of features, a group into those of its members."""
    groups = feature_groups()
    return [member for name in names_of(text) for member in groups.get(name, [name])]


def names_of(text: str) -> list[str]:
    """Split "mfcc, rms" into names."""
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def make_union(features: str, pooling: str, deltas: int, **parameters: Any) -> AudioFeatureUnion:
    """Join features that are named in a flag.

    Parameters
    ----------
    features : str
        Names of features or groups, separated by commas.
    pooling : str
        Names of statistics, separated by commas, for features that are pooled.
    deltas : int
        As for these features.
    **parameters
        As for `AudioFeatureUnion`.

    Returns
    -------
    union : AudioFeatureUnion

    Raises
    ------
    ValueError
        If a feature is unknown, or named twice, or there is none.
    """
    known, names = feature_classes(), feature_names(features)
    unknown = [name for name in names if name not in known]
    if unknown:
        choices = ", ".join(sorted([*known, *feature_groups()]))
        raise ValueError(f"--features: {unknown[0]!r} is none of {choices}.")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"--features: name at least one, and none twice; got {features!r}.")
    statistics = names_of(pooling)
    if not statistics:
        raise ValueError(f"--pooling: name at least one statistic, such as mean; got {pooling!r}.")
    how: dict[str, Any] = {"pooling": statistics, "deltas": deltas}
    classes = [known[name] for name in names]
    members = [of(**how) if issubclass(of, PooledExtractor) else of() for of in classes]
    return make_audio_union(*members, **parameters)


def make_pipeline(recipe: Recipe, memory: Path | None, n_jobs: int) -> Pipeline:
    """Make the pipeline that flags describe. It need not have probabilities."""
    union = make_union(recipe.features, recipe.pooling, recipe.deltas, memory=memory, n_jobs=n_jobs)
    steps = [("features", union), ("scale", StandardScaler()), ("classify", _classifier(recipe))]
    return Pipeline(steps)


def _classifier(recipe: Recipe) -> Any:
    match recipe.classifier:
        case "lda":
            # Shrinkage: there may be more values than clips.
            return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        case "conv1d":
            return Conv1DClassifier(epochs=recipe.epochs, random_state=recipe.random_state)
        case _:
            # The label is the class of the largest decision value, also if votes are tied.
            return SVC(C=10, class_weight="balanced", break_ties=True)


def fit_with_probabilities(pipeline: Pipeline, corpus: Bunch, random_state: int) -> Pipeline:
    """Fit a pipeline on a whole corpus, with probabilities calibrated if it has none of its own.

    Parameters
    ----------
    pipeline : Pipeline
        As `make_pipeline` makes it; it is fitted in place.
    corpus : Bunch
        Clips, labels and, if they are known, speakers.
    random_state : int
        Seed of the folds of the calibration.

    Returns
    -------
    pipeline : Pipeline
    """
    name, classifier = pipeline.steps[-1]
    if not hasattr(classifier, "predict_proba"):
        classifier = SpeakerCalibratedClassifier(classifier, random_state=random_state)
        pipeline.set_params(**{name: classifier})
        if corpus.groups is None:
            say(
                "Who speaks is not known, so the probabilities are too high for new speakers. "
                "Say where the speakers are, with --speaker."
            )
    takes_groups = corpus.groups is not None and has_fit_parameter(classifier, "groups")
    parameters = {f"{name}__groups": corpus.groups} if takes_groups else {}
    return pipeline.fit(corpus.data, corpus.target, **parameters)


def _without_probabilities(model: Any) -> Any:
    """Return a model without a calibration that does not change a label."""
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        if isinstance(last, SpeakerCalibratedClassifier):
            return clone(model).set_params(**{name: clone(last.estimator)})
    return model


@contextmanager
def kept_features(memory: Path | None) -> Iterator[Path]:
    """Give a folder where features are kept: the one asked for, or one for this run."""
    if memory is not None:
        yield memory
    else:
        with tempfile.TemporaryDirectory(prefix="skser-") as folder:
            yield Path(folder)


def extract_once(union: AudioFeatureUnion, corpus: Bunch) -> None:
    """Compute every feature of every clip, so that the folds find them in the union's memory.

    A clip that cannot be read is a warning here; who uses it later decides what becomes of it.
    """
    say_size(corpus, union)
    quick = clone(union).set_params(progress=is_interactive(), on_error="nan")
    quick.fit_transform(corpus.data)


def prepared_pipeline(recipe: Recipe, model: ModelFile | None, folder: Path, corpus: Bunch) -> Any:
    """Make the pipeline that flags describe, or open a model file, to score its labels.

    Its features are kept.

    Parameters
    ----------
    recipe : Recipe
    model : ModelFile or None
        The model file, instead of the recipe.
    folder : Path
        Where the features are kept. A model without such a union keeps none.
    corpus : Bunch
        Whose features they are.

    Returns
    -------
    pipeline : classifier
        Classifier that takes clips. Probabilities are not calibrated, because nobody looks at
        them and each fold would pay for it.
    """
    if model is None:
        pipeline = make_pipeline(recipe, folder, n_jobs=1)
    else:
        pipeline = _without_probabilities(open_model(model))
    union = getattr(pipeline, "named_steps", {}).get("features")
    if isinstance(union, AudioFeatureUnion):
        extract_once(union.set_params(memory=folder), corpus)
    return pipeline


def say_size(corpus: Bunch, union: AudioFeatureUnion) -> None:
    """Tell how much there is to do, before it is done."""
    clips = _counted(len(corpus.data), "clip")
    groups = corpus.get("groups")
    if groups is not None:
        # Who forgets the brackets in an expression has nearly as many speakers as clips.
        clips += f" of {_counted(len(set(groups)), 'speaker')}"
    say(f"{clips}, {_counted(len(union.transformer_list), 'feature')}")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
