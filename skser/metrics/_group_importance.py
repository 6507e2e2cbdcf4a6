from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_consistent_length, check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import HasMethods, Interval, StrOptions, num_samples, validate_params
from skser._speakers import check_speakers
from skser.audio._with_speakers import speaker_of
from skser.metrics._exchange import Part, parts_of
from skser.metrics._recorded import (
    Recorded,
    Recording,
    feature_source,
    feature_sources,
    swapped,
)

Parts = dict[str, dict[int, Part]]
"""By name, the part of the values of each of the estimator's unions that has that name."""


@validate_params(
    {
        "estimator": [HasMethods(["fit", "predict"])],
        "scoring": [str, callable, list, tuple, set, dict, None],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "within": [StrOptions({"speaker"}), None],
        "n_bands": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    },
    prefer_skip_nested_validation=True,
)
def group_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: Any = None,
    n_repeats: int = 10,
    groups: Any = None,
    within: str | None = None,
    n_bands: int = 8,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> Bunch:
    r"""Measure how much of a fitted model's score depends on each member of its union.

    Permutation importance [1]_ of whole features: all columns of a member are exchanged together
    between clips, so that they stay in tune with each other but tell nothing of the clip they are
    now in. The importance is what the score loses.

    .. math:: I_g = s - \frac{1}{R} \sum_{r=1}^R s_{g,r}

    with :math:`s` the score on the clips as they are, and :math:`s_{g,r}` that in repeat
    :math:`r` of :math:`R` with member :math:`g` exchanged. Nothing is fitted again, and the
    features are computed once.

    X must be clips that the model was not fitted on, of speakers that it was not fitted on: on the
    clips of fit, a feature that the model has learnt by heart looks important. Members that tell
    the same share their importance: with one of them exchanged, the model still has the other, and
    both may look like nothing. To learn what a model loses without a member, fit it without.

    Parameters
    ----------
    estimator : classifier
        Fitted model that holds an `AudioFeatureUnion`, or another union, at any depth: a pipeline,
        a search, a `SpeakerNormalizer` around the union, a vote of several pipelines. Members of
        one name in several unions are exchanged together. Of images, a single feature such as
        `Mel2D` is enough.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Clips left out of fit.
    y : array-like of shape (n_clips,)
        Labels.
    scoring : str, callable, list, tuple, set or dict, default=None
        Scores, as for `sklearn.inspection.permutation_importance`, such as `uar_scorer`. None:
        the model's own, such as accuracy.
    n_repeats : int, default=10
        How often each member is exchanged.
    groups : array-like of shape (n_clips,), default=None
        Speakers. None: each clip carries its own, as with `with_speakers`. Without effect unless
        ``within="speaker"``.
    within : {"speaker"}, default=None
        Clips between which values are exchanged. None: all. Then a feature that tells who speaks
        is important where that helps. "speaker": the clips of one speaker, so that a clip keeps
        what the feature tells of its speaker: the importance is what the feature tells beyond
        knowing who speaks.
    n_bands : int, default=8
        Number of bands of rows of an image. Each band, with all its frames, is exchanged as a
        whole; of images that differ in length, frames are repeated or cut.
    random_state : int, RandomState instance or None, default=None
        Determines who gets whose values.
    n_jobs : int, default=None
        Members are shared out among so many processes, as for `joblib.Parallel`.

    Returns
    -------
    result : Bunch or dict of Bunch
        Of several scores, a Bunch for each, by its name.

        names : ndarray of shape (n_groups,)
            Members, such as ``mfcc``, or bands of rows, such as ``mel2d[0:16]``.
        importances : ndarray of shape (n_groups, n_repeats)
            What the score loses in each repeat.
        importances_mean, importances_std : ndarray of shape (n_groups,)
            Over the repeats. The standard deviation is that of the exchange; it does not tell how
            the importance would differ on other clips.
        baseline_score : float
            Score on the clips as they are.
        score_name : str
            Name of the score, such as "balanced_accuracy".
        table : pandas.DataFrame
            Indexed by name, the most important first: importance, std, and size, the number of
            columns or rows.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ValueError
        If it holds no fitted union, something before the union cuts clips, there is nothing to
        exchange, a speaker is missing, or there is no such score.

    See Also
    --------
    GroupImportanceDisplay : The same as a picture.
    SequentialGroupSelector : Choose members by fitting without them.
    sklearn.inspection.permutation_importance : The same column by column.

    Notes
    -----
    Columns behind a `SpeakerNormalizer` are exchanged as it has standardised them, if its extractor
    is the union, or a pipeline that ends in it; else as the union has made them. A union with a
    single member has an importance, that of all that the model knows.

    Exchanging values within speakers is the conditional form of the importance [2]_, with the
    speaker as the condition. A speaker's only clip keeps its values.

    References
    ----------
    .. [1] L. Breiman, "Random Forests", Machine Learning 45(1), 2001.
    .. [2] A. Fisher, C. Rudin, F. Dominici, "All Models are Wrong, but Many are Useful: Learning a
       Variable's Importance by Studying an Entire Class of Prediction Models Simultaneously",
       Journal of Machine Learning Research 20(177), 2019.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, RMS, ZCR, group_importance, make_audio_union, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=3, random_state=0)
    >>> train = speech.groups != "s04"
    >>> union = make_audio_union(ZCR(), RMS(), MFCC(13))
    >>> model = make_pipeline(union, StandardScaler(), SVC())
    >>> model = model.fit(speech.data[train], speech.target[train])
    >>> result = group_importance(
    ...     model, speech.data[~train], speech.target[~train], random_state=0
    ... )
    >>> result.table.index[0]
    'mfcc'
    """
    check_is_fitted(estimator)
    check_consistent_length(X, y)
    n_clips = num_samples(X)
    speakers = _exchangeable(X, n_clips, groups, within)
    scorer = check_scoring(estimator, scoring=scoring)
    baseline, recorded, parts = _recorded(estimator, X, y, scorer, n_bands)
    # As scikit-learn does it: every member meets the same exchanges.
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max + 1)
    orders = list(_orders(speakers, n_repeats, seed))
    scores = Parallel(n_jobs=n_jobs)(
        delayed(_scores)(recorded, X, y, scorer, of_name, orders) for of_name in parts.values()
    )
    if not isinstance(baseline, Mapping):
        return _result(parts, baseline, np.array(scores), _score_name(estimator, scoring))
    return Bunch(
        **{
            name: _result(
                parts,
                baseline[name],
                np.array([[score[name] for score in of_name] for of_name in scores]),
                name,
            )
            for name in baseline
        }
    )


def _exchangeable(X: Any, n_clips: int, groups: Any, within: str | None) -> NDArray[np.intp]:
    """Return a number for each clip: clips of one number may exchange values."""
    if n_clips == 0:
        raise ValueError("X holds no clips. Pass clips left out of fit.")
    if within is None:
        if groups is not None:
            check_consistent_length(groups, X)
        codes = np.zeros(n_clips, dtype=np.intp)
        among = "There is a single clip"
    else:
        if groups is None:
            groups = [speaker_of(clip) for clip in X] if getattr(X, "ndim", 1) == 1 else [None]
            if any(speaker is None for speaker in groups):
                raise ValueError(
                    "within='speaker' needs to know who speaks in each clip. Pass groups, or "
                    "clips that carry their speaker (with_speakers)."
                )
        codes = np.unique(check_speakers(groups, X), return_inverse=True)[1]
        among = "No speaker has two clips"
    if np.bincount(codes).max() < 2:
        raise ValueError(
            f"{among}, so that no values can be exchanged. Add clips"
            + (", or exchange values between all clips (within=None)." if within else ".")
        )
    return codes


def _orders(speakers: NDArray[np.intp], n_repeats: int, seed: int) -> Any:
    """Yield, for each repeat, the clip whose values each clip gets."""
    rng = np.random.RandomState(seed)
    places = [np.flatnonzero(speakers == speaker) for speaker in np.unique(speakers)]
    drawn = [np.arange(len(mine)) for mine in places]
    order = np.arange(len(speakers))
    for _ in range(n_repeats):
        for mine, shuffled in zip(places, drawn, strict=True):
            rng.shuffle(shuffled)
            order[mine] = order[mine][shuffled]
        yield order.copy()


def _recorded(estimator: Any, X: Any, y: Any, scorer: Any, n_bands: int) -> tuple[Any, Any, Parts]:
    """Score a model as it is, and return it with the values of its unions in their place."""
    sources = {
        id(source): Recording(source, num_samples(X)) for source in feature_sources(estimator)
    }
    if not sources:
        raise ValueError(
            f"{type(estimator).__name__} holds no fitted union of features and no image. Put the "
            "features into make_audio_union(...), fit the model, and let a search refit."
        )
    recording = swapped(estimator, lambda held: sources.get(id(held)))
    baseline = scorer(recording, X, y)
    # A union that is a parameter, of which a clone was fitted, has not been asked.
    asked = [source for source in sources.values() if source.returned is not None]
    played = {id(source): source.recorded(place) for place, source in enumerate(asked)}
    parts: Parts = {}
    for place, source in enumerate(asked):
        values = played[id(source)].values
        for name, part in parts_of(feature_source(source.original), values, n_bands).items():
            parts.setdefault(name, {})[place] = part
    return baseline, swapped(recording, lambda held: played.get(id(held)), skip=True), parts


def _scores(
    recorded: Any, X: Any, y: Any, scorer: Any, parts: dict[int, Part], orders: list[Any]
) -> list[Any]:
    """Score a model with one part of its values exchanged, once an order."""
    return [scorer(_exchanged(recorded, parts, order), X, y) for order in orders]


def _exchanged(recorded: Any, parts: dict[int, Part], order: NDArray[np.intp]) -> Any:
    def replace(held: Any) -> Any:
        if not isinstance(held, Recorded) or held.place not in parts:
            return None
        return held.with_values(parts[held.place].exchange(held.values, order))

    return swapped(recorded, replace)


def _result(parts: Parts, baseline: float, scores: NDArray[Any], score_name: str) -> Bunch:
    import pandas as pd

    importances = baseline - scores
    result = Bunch(
        names=np.array(list(parts), dtype=object),
        importances=importances,
        importances_mean=importances.mean(axis=1),
        importances_std=importances.std(axis=1),
        baseline_score=float(baseline),
        score_name=score_name,
    )
    table = pd.DataFrame(
        {
            "importance": result.importances_mean,
            "std": result.importances_std,
            "size": [sum(part.count() for part in of_name.values()) for of_name in parts.values()],
        },
        index=pd.Index(result.names, name="feature"),
    )
    result.table = table.sort_values("importance", ascending=False, kind="stable")
    return result


def _score_name(estimator: Any, scoring: Any) -> str:
    if isinstance(scoring, str):
        return scoring
    if scoring is None:
        own = getattr(estimator, "scoring", None)
        return "score" if own is None else _score_name(estimator, own)
    scored = getattr(scoring, "_score_func", scoring)
    return str(getattr(scored, "__name__", "score")).removesuffix("_score")
