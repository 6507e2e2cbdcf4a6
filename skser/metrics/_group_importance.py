from __future__ import annotations

from collections.abc import Mapping
from html import escape
from numbers import Integral
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_consistent_length, check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import HasMethods, Interval, StrOptions, num_samples, validate_params
from skser._speakers import check_speakers
from skser.audio._with_speakers import speaker_of
from skser.metrics._counted import clips_to_send
from skser.metrics._exchange import Part, parts_of
from skser.metrics._recorded import (
    Recorded,
    Recording,
    feature_source,
    feature_sources,
    swapped,
)

Parts = dict[str, dict[int, Part]]
"""For each name, the part with this name in each of the estimator's unions."""


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

    This is the permutation importance [1]_ of whole features: all columns of a member are permuted
    together between clips, so that they stay consistent with each other but carry no information
    about the clip that receives them. The importance is the loss in score.

    .. math:: I_g = s - \frac{1}{R} \sum_{r=1}^R s_{g,r}

    where :math:`s` is the score on the original clips, and :math:`s_{g,r}` the score in repeat
    :math:`r` of :math:`R` with member :math:`g` permuted. Nothing is refitted, and the features are
    computed once.

    X must contain clips and speakers that the model was not fitted on: on the training clips, a
    feature that the model has memorised looks important. Redundant members share their importance:
    if one is permuted, the model still has the other, and both may look unimportant. To measure the
    loss without a member, refit the model without it.

    Parameters
    ----------
    estimator : classifier
        Fitted model that contains an `AudioFeatureUnion` or another union at any depth, such as a
        pipeline, a search, a `SpeakerNormalizer` around the union or a vote of several pipelines.
        Members with the same name in several unions are permuted together. For images, a single
        feature such as `Mel2D` is enough.
    X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
        Clips that the model was not fitted on.
    y : array-like of shape (n_clips,)
        Labels.
    scoring : str, callable, list, tuple, set or dict, default=None
        One or more scores, as for `sklearn.inspection.permutation_importance`, such as
        `uar_scorer`. If None, the model's own score, such as accuracy, is used.
    n_repeats : int, default=10
        Number of times that each member is permuted.
    groups : array-like of shape (n_clips,), default=None
        Speaker of each clip, for ``within="speaker"`` only. If None, each clip must then carry its
        speaker (see `with_speakers`).
    within : {"speaker"}, default=None
        Clips between which values are permuted. If "speaker", clips of the same speaker, so that a
        clip keeps what the feature reveals about its speaker; the importance is then what the
        feature contributes beyond identifying the speaker. If None, all clips; a feature that
        identifies the speaker is then important if this helps the model.
    n_bands : int, default=8
        Number of bands into which the rows of an image are divided. Each band is permuted as a
        whole, with all of its frames; if images differ in length, frames are repeated or cut.
    random_state : int, RandomState instance or None, default=None
        Random seed or generator of the permutations.
    n_jobs : int, default=None
        Number of processes among which the members are distributed, as for `joblib.Parallel`.

    Returns
    -------
    result : Bunch or dict of Bunch
        Result with the following entries. With several scores, a dict of one Bunch per score.

        names : ndarray of shape (n_groups,)
            Names of members, such as ``mfcc``, or of bands of rows, such as ``mel2d[0:16]``.
        importances : ndarray of shape (n_groups, n_repeats)
            Loss in score in each repeat.
        importances_mean, importances_std : ndarray of shape (n_groups,)
            Mean and standard deviation over the repeats. The standard deviation reflects the
            permutations only; it does not show how the importance would differ on other clips.
        baseline_score : float
            Score on the original clips.
        score_name : str
            Name of the score, such as "balanced_accuracy".
        within : {"speaker"} or None
            Clips between which values were permuted.
        table : pandas.DataFrame
            Table indexed by name, the most important first, with the columns importance, std, and
            size (number of columns or rows).

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ValueError
        If the model contains no fitted union, a step before the union cuts clips, there is nothing
        to permute, `groups` is given without `within`, a speaker is missing, all clips are of one
        speaker although ``within="speaker"``, or the score does not exist.

    See Also
    --------
    GroupImportanceDisplay : Draw the importances.
    SequentialGroupSelector : Select members by refitting.
    sklearn.inspection.permutation_importance : Permute single columns.

    Notes
    -----
    Columns after a `SpeakerNormalizer` are permuted in standardised form if its extractor is the
    union or a pipeline that ends in it, and otherwise in the form in which the union returns them.
    The importance of the only member of a union is that of all information that the model uses.

    Permuting values within speakers is the conditional form of the importance [2]_, with the
    speaker as the condition. If a speaker has only one clip, it keeps its values.

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
    # As in scikit-learn, the same permutations are used for every member.
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max + 1)
    orders = list(_orders(speakers, n_repeats, seed))
    if effective_n_jobs(n_jobs) > 1:
        X = clips_to_send(recorded, X, y, scorer, baseline)
    scores = Parallel(n_jobs=n_jobs)(
        delayed(_scores)(recorded, X, y, scorer, of_name, orders) for of_name in parts.values()
    )
    if not isinstance(baseline, Mapping):
        name = _score_name(estimator, scoring)
        return _result(parts, baseline, np.array(scores), name, within)
    return Bunch(
        **{
            name: _result(
                parts,
                baseline[name],
                np.array([[score[name] for score in of_name] for of_name in scores]),
                name,
                within,
            )
            for name in baseline
        }
    )


def _exchangeable(X: Any, n_clips: int, groups: Any, within: str | None) -> NDArray[np.intp]:
    """Return a code for each clip; clips with the same code may exchange values."""
    import pandas as pd

    if n_clips == 0:
        raise ValueError("X contains no clips. Pass clips that the model was not fitted on.")
    if within is None:
        if groups is not None:
            raise ValueError(
                "groups is used only if values are permuted within speakers. Pass "
                "within='speaker', or groups=None."
            )
        codes = np.zeros(n_clips, dtype=np.intp)
        among = "There is only one clip"
    else:
        if groups is None:
            groups = [speaker_of(clip) for clip in X] if getattr(X, "ndim", 1) == 1 else [None]
            if any(speaker is None for speaker in groups):
                raise ValueError(
                    "within='speaker' needs the speaker of each clip. Pass groups, or clips that "
                    "carry their speaker (with_speakers)."
                )
        elif n_missing := int(pd.isna(np.asarray(groups, dtype=object)).sum()):
            raise ValueError(
                f"groups lacks the speaker of {n_missing} of {n_clips} clips, and within='speaker' "
                "needs each. Leave these clips out, or pass within=None and groups=None."
            )
        codes = np.unique(check_speakers(groups, X), return_inverse=True)[1]
        among = "No speaker has two clips"
    if np.bincount(codes).max() < 2:
        raise ValueError(
            f"{among}, so no values can be permuted. Add clips"
            + (", or permute values between all clips (within=None)." if within else ".")
        )
    if within is not None and codes.max() == 0:
        raise ValueError(
            "All clips are of one speaker, so within='speaker' does not separate what a feature "
            "reveals about the speaker. Add clips of other speakers, or pass within=None."
        )
    return codes


def _orders(speakers: NDArray[np.intp], n_repeats: int, seed: int) -> Any:
    """Yield, for each repeat, the index of the clip whose values each clip receives."""
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
    """Score a model, and return it with its unions replaced by their computed values."""
    sources = {
        id(source): Recording(source, num_samples(X)) for source in feature_sources(estimator)
    }
    if not sources:
        raise ValueError(
            f"{type(estimator).__name__} contains no fitted union of features and no image "
            "feature. Put the features into make_audio_union(...), fit the model, and use "
            "refit=True in a search."
        )
    recording = swapped(estimator, lambda held: sources.get(id(held)))
    baseline = scorer(recording, X, y)
    # A union that is only a parameter has not computed values, because a clone of it was fitted.
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
    """Score a model with one part of its values exchanged, once for each order."""
    return [scorer(_exchanged(recorded, parts, order), X, y) for order in orders]


def _exchanged(recorded: Any, parts: dict[int, Part], order: NDArray[np.intp]) -> Any:
    def replace(held: Any) -> Any:
        if not isinstance(held, Recorded) or held.place not in parts:
            return None
        return held.with_values(parts[held.place].exchange(held.values, order))

    return swapped(recorded, replace)


class _Importances(Bunch):
    """A `Bunch` that is shown as its table."""

    def __repr__(self) -> str:
        return f"{self._headline()}\n{self['table'].to_string(float_format='{:.3f}'.format)}"

    def _repr_html_(self) -> str:
        table: str = self["table"].to_html(float_format="{:.3f}".format)
        return f"<p>{escape(self._headline())}</p>{table}"

    def _headline(self) -> str:
        n_repeats = self["importances"].shape[1]
        return (
            f"Importance: drop of the {self['score_name']} from {self['baseline_score']:.3f}, "
            f"mean of {n_repeats} {'repeats' if n_repeats > 1 else 'repeat'}"
            + (", permuted within speakers" if self["within"] == "speaker" else "")
        )


def _result(
    parts: Parts, baseline: float, scores: NDArray[Any], score_name: str, within: str | None
) -> Bunch:
    import pandas as pd

    importances = baseline - scores
    result = _Importances(
        names=np.array(list(parts), dtype=object),
        importances=importances,
        importances_mean=importances.mean(axis=1),
        importances_std=importances.std(axis=1),
        baseline_score=float(baseline),
        score_name=score_name,
        within=within,
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
        if getattr(estimator, "multimetric_", False):
            # A search with several scores returns the one that it was refitted for.
            return str(estimator.refit)
        own = getattr(estimator, "scoring", None)
        return "score" if own is None else _score_name(estimator, own)
    scored = getattr(scoring, "_score_func", scoring)
    return str(getattr(scored, "__name__", "score")).removesuffix("_score")
