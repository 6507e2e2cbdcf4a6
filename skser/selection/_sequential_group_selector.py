from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import check_cv
from sklearn.utils import Tags, assert_all_finite
from sklearn.utils.validation import check_is_fitted

from skser._progress import Counter, progress_bar
from skser._repr import AddressFreeRepr
from skser._sklearn_compat import BaseSearchCV, GroupsConsumerMixin, Interval, StrOptions
from skser._speakers import check_speakers
from skser._state import restored_on_error
from skser.compose._meta_classifier import groups_keyword
from skser.selection._groups import find_union, members_of
from skser.selection._prefetch import prefetch_where_kept
from skser.selection._verdict import UNKNOWN, fold_ratio, fold_scores, improves, judge
from skser.selection._walk import FoldScores, Groups, Walk

if TYPE_CHECKING:
    import pandas as pd

_BAR: ContextVar[Counter] = ContextVar("_BAR")
"""Bar of the search that is running; an attribute would be sent to other processes."""


class SequentialGroupSelector(AddressFreeRepr, BaseSearchCV):
    """Choose members of a union one by one, by cross-validation.

    The unit is a whole member, such as all MFCC, whereas scikit-learn's `SequentialFeatureSelector`
    chooses columns. Members that are not chosen are set to "drop". Like `GridSearchCV`, the
    selector passes `groups` to its splitter, refits the pipeline with the chosen members on all
    clips, and predicts with it.

    The score of the chosen set, ``best_score_``, was measured on the folds on which the choice was
    made, and is too high. Use `nested_score` to estimate the score on other clips and speakers.

    Parameters
    ----------
    estimator : estimator
        Pipeline that contains a union.
    union : str, default="features"
        Name of the step that is an `AudioFeatureUnion` or another `FeatureUnion`, or that contains
        one, such as a `SpeakerNormalizer`. It may be the name of a parameter at any depth, such as
        ``fast__features``.
    direction : {"forward", "backward", "floating"}, default="forward"
        "forward" starts with the best single member and repeatedly adds the best of the others.
        "backward" starts with all members and repeatedly removes the least useful one. "floating"
        adds like "forward", and after each addition removes members as long as the smaller set is
        better than every earlier set of its size [1]_.
    scoring : str, callable, list, tuple or dict, default=None
        Score or scores to compute, as for `GridSearchCV`. With several scores, `refit` names the
        one to choose by.
    cv : int, splitter or iterable of (train, test), default=None
        Folds of the choice, as for `GridSearchCV`; pass a speaker-independent splitter. A splitter
        that shuffles draws its folds once, and all sets are scored on them.
    tol : float, "paired" or None, default=0.0
        Gain that is required to keep a member. If a number, a member is added if the mean score
        rises by more than this, and removed if it does not fall by more than this. If "paired", the
        gain must have a two-sided p-value below 0.05 by `corrected_t_test` over the folds; use at
        least three folds. If None, all steps are taken, and the best set is chosen.
    max_groups : int, default=None
        Maximum number of members of the chosen set. "backward" removes members until this number is
        reached, whatever the loss.
    refit : bool or str, default=True
        Whether to fit the pipeline with the chosen members on all clips.
    n_jobs : int, default=None
        Number of processes among which the fits are distributed, as for `joblib.Parallel`.
    error_score : "raise" or float, default=nan
        Score of a fold that cannot be fitted or scored. With NaN, the set is never chosen, and the
        search continues without it; "backward" needs a score of all members together.
    verbose : int, default=0
        Verbosity, as for `GridSearchCV`.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of fits that are dispatched at a time, as for `GridSearchCV`.
    return_train_score : bool, default=False
        Whether to compute the scores on the training clips too, as for `GridSearchCV`.

    Attributes
    ----------
    steps_ : pandas.DataFrame
        One row for each set of the path, in order, with the columns of `selection_table` and
        ``removed``, a tuple of the members that this step removed.
    groups_ : tuple of str
        Chosen members, in the order of the union.
    union_ : str
        Name of the union as a parameter of the estimator.
    cv_results_ : dict
        Results as in `GridSearchCV`, for every set that was scored, with ``step``, the number of
        the step for which it was tried.
    best_estimator_ : estimator
        Pipeline with the chosen members, fitted on all clips.
    best_score_ : float
        Mean score of the chosen set over the folds of the choice.
    best_params_ : dict
        Dropped members, as parameters of the estimator.
    best_index_ : int
        Index of the chosen set in ``cv_results_``.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    n_splits_ : int
        Number of folds.

    See Also
    --------
    nested_score : Score a search on clips and speakers that it has not seen.
    incremental_grid : Make grids that add members in a given order.
    selection_table : Return ``steps_``.

    Notes
    -----
    If the union has a `memory`, the values of all members are computed before the search, as by
    `prefetch`, and each clip is read once.

    In a terminal or a notebook, one progress bar counts the sets that were scored, and after them
    the clips of the current fold. The union's parameter `progress` controls it.

    Only the best of several candidates is tested, so a p-value below 0.05 occurs by chance more
    often than once in twenty.

    References
    ----------
    .. [1] P. Pudil, J. Novovicova and J. Kittler, "Floating Search Methods in Feature Selection",
       Pattern Recognition Letters 15, 1994.

    Examples
    --------
    >>> from sklearn.model_selection import StratifiedGroupKFold
    >>> from sklearn.pipeline import Pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from skser import (MFCC, RMS, ZCR, SequentialGroupSelector, make_audio_union,
    ...                    make_emotional_speech)
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=2, random_state=0)
    >>> pipeline = Pipeline([
    ...     ("features", make_audio_union(ZCR(), RMS(), MFCC(20))),
    ...     ("scale", StandardScaler()),
    ...     ("classify", SVC()),
    ... ])
    >>> selector = SequentialGroupSelector(
    ...     pipeline, cv=StratifiedGroupKFold(2), direction="backward", max_groups=2
    ... )
    >>> _ = selector.fit(speech.data, speech.target, groups=speech.groups)
    >>> selector.steps_[["step", "features", "removed"]]
       step          features  removed
    0     0  (zcr, rms, mfcc)       ()
    1     1       (rms, mfcc)   (zcr,)
    2     2            (rms,)  (mfcc,)
    >>> selector.predict(speech.data[:2]).shape
    (2,)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseSearchCV._parameter_constraints,
        "union": [str],
        "direction": [StrOptions({"forward", "backward", "floating"})],
        "tol": [Interval(Real, 0, None, closed="left"), StrOptions({"paired"}), None],
        "max_groups": [Interval(Integral, 1, None, closed="left"), None],
        # A callable would choose a set other than the last one of the path.
        "refit": ["boolean", str],
    }

    def __init__(
        self,
        estimator: Any,
        union: str = "features",
        *,
        direction: str = "forward",
        scoring: Any = None,
        cv: Any = None,
        tol: float | str | None = 0.0,
        max_groups: int | None = None,
        refit: bool | str = True,
        n_jobs: int | None = None,
        error_score: float | str = np.nan,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.union = union
        self.direction = direction
        self.tol = tol
        self.max_groups = max_groups

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Choose the members, and fit the pipeline with the chosen members on all clips.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,), default=None
            Labels.
        **params : dict
            Parameters as for `GridSearchCV`: `groups`, the speakers, for the splitter, and
            parameters for the fit of the estimator.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the estimator has no such union, the union has fewer than two members, `cv` needs
            groups that were not given, the speaker of a clip is missing, there are several scores
            and `refit` names none of them, no set of members could be scored, or, with
            ``tol="paired"``, there is one fold or the sizes of folds are unknown.
        """
        with restored_on_error(self):
            self._validate_params()
            self.union_ = find_union(self.estimator, self.union)
            names = self._names()
            if len(names) < 2:
                raise ValueError(
                    f"The union {self.union_!r} has one member, {names}, so there is nothing to "
                    "choose from. Give it at least two members."
                    if names
                    else f"All members of the union {self.union_!r} are 'drop'. Keep at least two."
                )
            keyword = groups_keyword(self.cv)
            if params.get(keyword) is not None:
                params[keyword] = check_speakers(params[keyword], X)
            elif isinstance(self.cv, GroupsConsumerMixin):
                raise ValueError(
                    f"cv={self.cv!r} needs the speaker of each clip, and no groups were given. "
                    f"Call fit(X, y, {keyword}=groups). With cross_validate, also pass "
                    f"params={{{keyword!r}: groups}}."
                )
            if y is not None:
                assert_all_finite(y, input_name="y")
            with self._counting_sets(names):
                prefetch_where_kept(self, X)
                super().fit(X, y, **params)
            self.groups_ = self._steps["features"][self._chosen_step]
            del self._chosen_step
        return self

    @contextmanager
    def _counting_sets(self, names: list[str]) -> Iterator[None]:
        """Show one bar for the search, on the conditions of the union's own bar."""
        union = self.estimator.get_params(deep=True)[self.union_]
        with progress_bar(
            self._most_sets(len(names)), getattr(union, "progress", "auto"), unit="set", smoothing=0
        ) as bar:
            token = _BAR.set(bar)
            try:
                yield
            finally:
                _BAR.reset(token)

    def _most_sets(self, n_members: int) -> int | None:
        """Return how many sets are scored if the search does not stop early; None if unknown."""
        match self.direction:
            case "forward":
                n_steps = min(self.max_groups or n_members, n_members)
                return sum(range(n_members - n_steps + 1, n_members + 1))
            case "backward":
                return 1 + sum(range(2, n_members + 1))
            case _:
                return None

    @property
    def steps_(self) -> pd.DataFrame:
        """Table of the sets of members on the path of the search, with one row per set."""
        import pandas as pd

        check_is_fitted(self, "groups_")
        return pd.DataFrame(self._steps)

    def _names(self) -> list[str]:
        return members_of(self.estimator.get_params(deep=True)[self.union_])

    def _run_search(self, evaluate_candidates: Callable[..., Any], **_: Any) -> None:
        """Walk through sets of members; a hook of scikit-learn's searches."""
        names = self._names()
        tried: list[Groups] = []
        results: dict[str, Any] = {}
        score = self.refit if isinstance(self.refit, str) else "score"

        folds = _SameFolds(self.cv, classifier=is_classifier(self.estimator))
        # An iterator can be read only once, and scikit-learn has read and kept its folds.
        cv = None if isinstance(self.cv, Iterator) else folds
        n_folds, ratio = 0, np.nan

        def evaluate(sets: list[Groups]) -> list[FoldScores]:
            nonlocal n_folds, ratio
            n_before, step = len(tried), len(walk.path)
            dropped = [[name for name in names if name not in groups] for groups in sets]
            params = [{f"{self.union_}__{n}": "drop" for n in of_set} for of_set in dropped]
            try:
                found = evaluate_candidates(
                    params, cv=cv, more_results={"step": [step] * len(sets)}
                )
            except ValueError as error:
                # Every fit of these sets has failed. The results of earlier steps are kept.
                if self.error_score == "raise" or not tried:
                    raise
                warnings.warn(
                    f"Step {step} of the selection could not fit any set of members, and is "
                    f"skipped: {error}",
                    FitFailedWarning,
                    stacklevel=2,
                )
                return [np.full(n_folds, np.nan)] * len(sets)
            if f"mean_test_{score}" not in found:
                self._check_refit_for_multimetric(
                    n.removeprefix("mean_test_") for n in found if n.startswith("mean_test_")
                )
            results.update(found)
            tried.extend(sets)
            _BAR.get().update(len(sets))
            scores = fold_scores(found, score)
            if not n_folds:
                n_folds = scores.shape[1]
                ratio = fold_ratio(folds.drawn or self.cv, n_folds)
                if self.tol == "paired":
                    self._check_folds(n_folds, ratio)
            return list(scores[n_before:])

        def improved(new: FoldScores, old: FoldScores) -> bool:
            return improves(new, old, tol=self.tol, ratio=ratio)

        walk = Walk(
            names,
            evaluate,
            None if self.tol is None else improved,
            self.max_groups or len(names),
        )
        if self.direction == "backward":
            walk.backward()
        else:
            walk.forward(floating=self.direction == "floating")
        if not walk.path:
            raise ValueError(
                "All members together could not be scored, and 'backward' begins with them. Drop "
                "the member that fails, or set direction='forward', which continues without it. "
                "The warnings, or error_score='raise', show the error."
                if self.direction == "backward"
                else "No set of members could be scored: the score of each is NaN in some fold. "
                "See the warnings, or set error_score='raise' to see the first error."
            )
        chosen = walk.chosen()
        self._chosen_step = len(walk.path) - 1 - walk.path[::-1].index(chosen)
        self._chosen_index = tried.index(chosen)
        places = [tried.index(groups) for groups in walk.path]
        # Plain columns, because a model file can hold them.
        self._steps = _steps(names, walk.path, places, results, ratio)

    def _check_folds(self, n_folds: int, ratio: float) -> None:
        if n_folds < 2:
            raise ValueError(
                "tol='paired' compares scores over several folds, and cv makes one. Pass a cv with "
                "at least three folds, or a number as tol."
            )
        if np.isnan(ratio):
            raise ValueError(
                "tol='paired' compares scores over folds of known size, and those of "
                f"cv={self.cv!r} are unknown. Pass cv=list(splitter.split(X, y, groups))."
            )

    def _check_refit_for_multimetric(self, scores: Iterable[str]) -> None:
        """Raise if no score is named; a hook of scikit-learn's searches."""
        if self.refit not in (names := list(scores)):
            raise ValueError(
                f"The selection computes the scores {names}, and refit={self.refit!r} names none "
                "of them. Set refit to the one by which members are chosen."
            )

    def _select_best_index(self, refit: Any, refit_metric: str, results: dict[str, Any]) -> int:
        """Return the index of the chosen set; a hook of scikit-learn's searches."""
        return self.__dict__.pop("_chosen_index")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


class _SameFolds:
    """A splitter that draws its folds once, so that the scores of all steps can be compared."""

    def __init__(self, cv: Any, *, classifier: bool) -> None:
        self.cv = cv
        self.classifier = classifier
        self.drawn: list[Any] = []

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Any]:
        if not self.drawn:
            splitter = check_cv(self.cv, y, classifier=self.classifier)
            self.drawn = list(splitter.split(X, y, **params))
        return self.drawn


def _steps(
    names: list[str], path: list[Groups], places: list[int], results: dict[str, Any], ratio: float
) -> dict[str, list[Any]]:
    """Return the columns of `selection_table` for the sets of the path."""
    before: list[Groups] = [frozenset(), *path[:-1]]
    in_order = [tuple(name for name in names if name in groups) for groups in path]
    table: dict[str, list[Any]] = {"step": [*range(len(path))], "features": in_order}
    table["added"] = [
        tuple(name for name in features if name not in old)
        for features, old in zip(in_order, before, strict=True)
    ]
    table["removed"] = [
        tuple(name for name in names if name in old and name not in groups)
        for groups, old in zip(path, before, strict=True)
    ]
    scores = [name.removeprefix("mean_test_") for name in results if name.startswith("mean_test_")]
    for score in scores:
        folds = fold_scores(results, score)[places]
        verdicts = [
            UNKNOWN if i == 0 else judge(folds[i], folds[i - 1], ratio) for i in range(len(path))
        ]
        table[f"mean_test_{score}"] = results[f"mean_test_{score}"][places].tolist()
        table[f"std_test_{score}"] = results[f"std_test_{score}"][places].tolist()
        table[f"gain_{score}"] = [verdict.gain for verdict in verdicts]
        table[f"p_{score}"] = [verdict.pvalue for verdict in verdicts]
        table[f"verdict_{score}"] = [verdict.word for verdict in verdicts]
    return table
