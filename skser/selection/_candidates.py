"""The estimators that a search fits, and the unions that read its clips."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

from sklearn.base import clone
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.pipeline import Pipeline

from skser._sklearn_compat import BaseSearchCV
from skser.compose import AudioFeatureUnion, SegmentClassifier
from skser.compose._held import estimators_held


def candidates_of(search: Any) -> Iterator[Any]:
    """Yield the estimators that a search will fit, as far as its parameters tell.

    Parameters
    ----------
    search : BaseSearchCV
        A search that is not fitted, or is.

    Yields
    ------
    candidate : estimator
        Unfitted copy of the search's estimator.

    Raises
    ------
    ValueError
        If the candidates cannot be known before the search runs.
    """
    for params in _params_of(search):
        yield clone(search.estimator).set_params(**clone(params, safe=False))


def _params_of(search: Any) -> Any:
    name = type(search).__name__
    if hasattr(search, "param_grid"):
        return ParameterGrid(search.param_grid)
    if hasattr(search, "param_distributions"):
        n_iter = getattr(search, "n_iter", None)
        if not isinstance(n_iter, Integral):
            raise ValueError(
                f"The candidates of {name} are not known before it runs. Pass its estimator to "
                "prefetch instead, once for each set of parameters."
            )
        if not isinstance(search.random_state, Integral):
            raise ValueError(
                f"{name} draws its candidates with random_state={search.random_state!r}, anew at "
                "each fit, so that they are not known before. Pass an int, such as random_state=0."
            )
        return ParameterSampler(
            search.param_distributions, n_iter, random_state=search.random_state
        )
    if hasattr(search, "union"):
        # A selection of groups: what it fits are parts of the whole.
        return [{}]
    raise ValueError(
        f"The candidates of {name} are not known before it runs. Pass its estimator to prefetch "
        "instead, once for each set of parameters."
    )


def unions_in(
    estimator: Any, *, behind: str | None = None
) -> Iterator[tuple[AudioFeatureUnion, str | None]]:
    """Yield every union inside an estimator, at any depth.

    Parameters
    ----------
    estimator : estimator
        Of a search, all candidates count; steps, members and estimators are looked into.
    behind : str, default=None
        What changes the clips before the estimator gets them.

    Yields
    ------
    union : AudioFeatureUnion
        It may be one that the estimator holds.
    behind : str or None
        What changes the clips before the union gets them.
    """
    if isinstance(estimator, AudioFeatureUnion):
        yield estimator, behind
    if isinstance(estimator, BaseSearchCV):
        for candidate in candidates_of(estimator):
            yield from unions_in(candidate, behind=behind)
    elif isinstance(estimator, Pipeline):
        for name, step in estimator.steps:
            yield from unions_in(step, behind=behind)
            if not isinstance(step, str) and behind is None:
                behind = f"step {name!r}"
    else:
        if isinstance(estimator, SegmentClassifier):
            behind = "SegmentClassifier"
        for held in estimators_held(estimator):
            yield from unions_in(held, behind=behind)
