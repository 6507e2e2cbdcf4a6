from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion
from sklearn.utils.validation import check_is_fitted

from skser.selection._groups import members_of
from skser.selection._sequential_group_selector import SequentialGroupSelector
from skser.selection._verdict import UNKNOWN, fold_ratio, fold_scores, judge

if TYPE_CHECKING:
    import pandas as pd


def selection_table(search: Any, step: str | None = None) -> pd.DataFrame:
    """Tabulate the score of each feature set, and the gain of each added feature.

    Parameters
    ----------
    search : GridSearchCV or another fitted search
        Search fitted on grids from `incremental_grid`; or a `SequentialGroupSelector`, whose
        ``steps_`` are returned.
    step : str, default=None
        Name of the pipeline step that joins the features. If None, the only step whose members were
        dropped is used or, if no members were dropped, the only `FeatureUnion`.

    Returns
    -------
    table : pandas.DataFrame
        One row per candidate, in the order of the search:

        - ``step``: number of the feature set, from 0;
        - ``features``: tuple of the names of its members;
        - ``added``: tuple of the members that the previous step did not have;
        - ``removed``: tuple of the members that only the previous step had; this column is left out
          if no step removed a member;
        - a column for every other parameter that was searched, NaN for a candidate without it; it
          is called ``param_<name>`` if a column above has its name;
        - ``mean_test_<score>``, ``std_test_<score>``: mean and standard deviation over the folds;
        - ``gain_<score>``: mean minus the best mean of the previous step, NaN in the first step;
        - ``p_<score>``: two-sided p-value of this gain by `corrected_t_test` over the folds, NaN
          if it is unknown (in the first step, if the gain is not 0 and the same in every fold, or
          if the splitter does not define the size of its folds);
        - ``verdict_<score>``: "gain" or "loss" if the p-value is below 0.05, else "noise"; empty
          if the p-value is unknown. The p-values are not corrected for the number of steps.

        In a search with a single score, <score> is ``score``. A candidate that could not be
        fitted (for example with more components than features) has NaN.

    Raises
    ------
    ValueError
        If a candidate has no such step.

    See Also
    --------
    SelectionDisplay : Draw the table.
    format_selection_table : Format the table for a page or a thesis.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from skser import (MFCC, RMS, ZCR, incremental_grid, make_audio_union,
    ...                    make_emotional_speech, selection_table)
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> union = make_audio_union(ZCR(), RMS(), MFCC(20))
    >>> pipeline = make_pipeline(union, StandardScaler(), SVC())
    >>> grids = incremental_grid("audiofeatureunion", keep=["zcr", "rms"], add=["mfcc"])
    >>> search = GridSearchCV(pipeline, grids, cv=2).fit(speech.data, speech.target)
    >>> selection_table(search)[["step", "features", "added"]]
       step          features       added
    0     0        (zcr, rms)  (zcr, rms)
    1     1  (zcr, rms, mfcc)     (mfcc,)
    """
    import pandas as pd

    check_is_fitted(search, "cv_results_")
    if isinstance(search, SequentialGroupSelector):
        return search.steps_.copy()
    results = search.cv_results_
    held = search.estimator.get_params(deep=True)
    candidates = [_with_params(held, params) for params in results["params"]]
    step = _union_step(results["params"], candidates) if step is None else step
    unions = [
        _union(candidate, step, params)
        for candidate, params in zip(candidates, results["params"], strict=True)
    ]
    sets = [tuple(members_of(union)) for union in unions]
    in_order = {frozenset(features): features for features in sets}
    numbers = np.array([list(in_order).index(frozenset(features)) for features in sets])
    table = pd.DataFrame({"step": numbers})
    table["features"] = sets
    previous = [((), *in_order.values())[i] for i in numbers]
    table["added"] = _without(sets, previous)
    removed = _without(previous, sets)
    if any(removed):
        table["removed"] = removed
    names = {name for union in unions for name, _ in union.transformer_list}
    membership = {f"{step}__{name}" for name in names if not _has_variants(name, unions)}
    for name in sorted({name for params in results["params"] for name in params} - membership):
        values = [params.get(name, np.nan) for params in results["params"]]
        table[f"param_{name}" if name in table else name] = pd.Series(values, dtype=object)
    scores = [name.removeprefix("mean_test_") for name in results if name.startswith("mean_test_")]
    for score in scores:
        mean = np.asarray(results[f"mean_test_{score}"], dtype=float)
        table[f"mean_test_{score}"] = mean
        table[f"std_test_{score}"] = results[f"std_test_{score}"]
        folds = fold_scores(results, score)
        ratio = fold_ratio(search.cv, folds.shape[1])
        best = [_best(mean, numbers == i) for i in range(len(in_order))]
        verdicts = [
            UNKNOWN
            if number == 0 or (before := best[number - 1]) is None
            else judge(of_candidate, folds[before], ratio)
            for of_candidate, number in zip(folds, numbers, strict=True)
        ]
        table[f"gain_{score}"] = [verdict.gain for verdict in verdicts]
        table[f"p_{score}"] = [verdict.pvalue for verdict in verdicts]
        table[f"verdict_{score}"] = [verdict.word for verdict in verdicts]
    return table


def _without(sets: list[tuple[str, ...]], others: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the members of each set that the other set in the same row does not have."""
    return [
        tuple(name for name in features if name not in other)
        for features, other in zip(sets, others, strict=True)
    ]


def _has_variants(name: str, unions: list[FeatureUnion]) -> bool:
    """Return whether a member is not the same transformer in all unions that contain it."""
    used = (dict(union.transformer_list).get(name, "drop") for union in unions)
    return len({id(member) for member in used if member != "drop"}) > 1


def _best(mean: NDArray[np.float64], of_step: NDArray[np.bool_]) -> int | None:
    """Return the index of the best candidate of a step; None if none could be fitted."""
    fitted = np.flatnonzero(of_step & ~np.isnan(mean))
    return int(fitted[np.argmax(mean[fitted])]) if len(fitted) else None


def _with_params(held: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters, at any depth, of an estimator that `params` would be set on."""
    # As in `set_params`, outer parameters come first, and replace all that is inside them.
    for name in sorted(params, key=lambda name: name.count("__")):
        value = params[name]
        held = {key: old for key, old in held.items() if not key.startswith(f"{name}__")}
        held[name] = value
        if hasattr(value, "get_params") and not isinstance(value, type):
            held |= {f"{name}__{key}": inner for key, inner in value.get_params(deep=True).items()}
    return held


def _union_step(searched: list[dict[str, Any]], candidates: list[dict[str, Any]]) -> str:
    """Find the name of the step whose members were dropped."""
    found = {
        name.rpartition("__")[0]
        for params in searched
        for name, value in params.items()
        if isinstance(value, str) and value == "drop"
    }
    if not found:
        found = {
            name
            for candidate in candidates
            for name, value in candidate.items()
            if isinstance(value, FeatureUnion)
        }
    if len(found) != 1:
        raise ValueError(
            f"The step that joins the features may be any of {sorted(found)}. To choose one, "
            "pass step, the name of a step of the pipeline."
        )
    return found.pop()


def _union(candidate: dict[str, Any], step: str, params: dict[str, Any]) -> FeatureUnion:
    """Return a copy of a candidate's union, with the members that `params` set."""
    union = candidate.get(step)
    if not isinstance(union, FeatureUnion):
        raise ValueError(
            f"step={step!r} is not an AudioFeatureUnion (or FeatureUnion) of the search's "
            f"estimator but {type(union).__name__}. Pass the name of a step that is."
        )
    # Parameters of a member are left out: they would be set on the search's own member.
    members = {
        name.removeprefix(f"{step}__"): value
        for name, value in params.items()
        if name.rpartition("__")[0] == step
    }
    return copy(union).set_params(**members)
