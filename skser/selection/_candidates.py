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
    """Yield the estimators that a search will fit, as far as its parameters determine them.

    Parameters
    ----------
    search : BaseSearchCV
        Search, fitted or not.

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
                f"{name} draws its candidates with random_state={search.random_state!r}, again at "
                "each fit, so they are not known in advance. Pass an int, such as random_state=0."
            )
        return ParameterSampler(
            search.param_distributions, n_iter, random_state=search.random_state
        )
    if hasattr(search, "union"):
        # A selection of groups fits parts of its whole estimator.
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
        Estimator whose steps, members and inner estimators are searched, in a search those of all
        candidates.
    behind : str, default=None
        Name of the step that changes the clips before the estimator gets them.

    Yields
    ------
    union : AudioFeatureUnion
        Union in the estimator, not a copy.
    behind : str or None
        Name of the step that changes the clips before the union gets them.
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
