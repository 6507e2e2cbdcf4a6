from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import safe_indexing
from skser.audio._items import check_items
from skser.compose._held import estimators_held
from skser.compose._segment_classifier import SegmentClassifier
from skser.compose._speaker_normalizer import SpeakerNormalizer
from skser.compose._speakers_inside import normalizers_in

E = TypeVar("E")


def enroll_speakers(estimator: E, X: Any, speaker: Any = None) -> E:
    """Enrol clips in every `SpeakerNormalizer` of a fitted model.

    Use this function for models with several normalizers, such as a `StackingClassifier`, and for
    models that cut clips, such as `SegmentClassifier`, whose pieces are then enrolled. If a clip
    cannot be used, nothing is enrolled anywhere.

    Parameters
    ----------
    estimator : estimator
        Fitted pipeline, search, stack, or any other model of clips.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Clips, without labels.
    speaker : str or int, default=None
        Speaker of all clips. If None, each clip must carry its speaker.

    Returns
    -------
    estimator : estimator
        The same object.

    Raises
    ------
    AudioError
        If a clip cannot be read, or its speaker is missing or differs from `speaker`.
    ValueError
        If the model has no SpeakerNormalizer.

    See Also
    --------
    SpeakerNormalizer.enroll : Enrol clips in one SpeakerNormalizer.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, SpeakerNormalizer, enroll_speakers, make_emotional_speech
    >>> from skser import with_speakers
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> X = with_speakers(speech.data, speech.groups)
    >>> model = make_pipeline(SpeakerNormalizer(MFCC(13)), SVC()).fit(X, speech.target)
    >>> enroll_speakers(model, speech.data[:3], "newcomer")[0].n_clips_["newcomer"]
    3
    """
    check_is_fitted(estimator)
    found = {id(inner): (inner, clips) for inner, clips in _fitted(estimator, X)}
    if not found:
        raise ValueError(
            f"{type(estimator).__name__} has no SpeakerNormalizer to enrol speakers in. Put one "
            "around the features of the model, and fit the model."
        )
    voices = [(inner, inner._enrolled(clips, speaker)) for inner, clips in found.values()]
    for inner, known in voices:
        inner.voices_ = known
    return estimator


def _fitted(estimator: Any, X: Any) -> Iterator[tuple[SpeakerNormalizer, Any]]:
    """Yield each fitted normalizer, with the clips as they reach it."""
    if isinstance(estimator, SpeakerNormalizer):
        if hasattr(estimator, "voices_"):
            yield estimator, X
        return
    if isinstance(estimator, Pipeline):
        yield from _fitted_steps([step for _, step in estimator.steps], X)
        return
    if isinstance(estimator, ColumnTransformer):
        for _, held, columns in estimator.transformers_:
            if any(True for _ in normalizers_in(held)):
                yield from _fitted(held, safe_indexing(X, columns, axis=1))
        return
    if isinstance(estimator, SegmentClassifier) and hasattr(estimator, "estimator_"):
        X = estimator._cut(check_items(estimator, X, reset=False), estimator.estimator_).items
    for held in estimators_held(estimator):
        yield from _fitted(held, X)


def _fitted_steps(steps: list[Any], X: Any) -> Iterator[tuple[SpeakerNormalizer, Any]]:
    """Yield the fitted normalizers of a pipeline, with the clips as earlier steps change them."""
    places = [i for i, step in enumerate(steps) if any(True for _ in normalizers_in(step))]
    for i, step in enumerate(steps[: places[-1] + 1] if places else []):
        if i in places:
            yield from _fitted(step, X)
        if i < places[-1] and step not in (None, "passthrough"):
            X = step.transform(X)
