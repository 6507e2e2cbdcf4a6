"""Find estimators that split their training data, by their parameters and at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sklearn import get_config
from sklearn.frozen import FrozenEstimator
from sklearn.multioutput import ClassifierChain, RegressorChain
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object

from skser._sklearn_compat import BaseSearchCV

_MANY_SAMPLES = 10_000
"""Above this, ``early_stopping="auto"`` stops histogram gradient boosting early."""

_NONE_IS_OFF = (ClassifierChain, RegressorChain)
"""Estimators that do not cross-validate if `cv` is None; all others do."""


def splitters_inside(estimator: Any, *, groups: bool, n_samples: int) -> Iterator[str]:
    """Name each estimator that holds out a part of its training data regardless of groups.

    These are a cross-validation with a splitter that ignores groups, early stopping on a part of
    the data, and a score on the samples that a bootstrap left out.

    Parameters
    ----------
    estimator : estimator
        Any estimator; its steps, members and wrapped estimators are searched as well.
    groups : bool
        Whether its fit gets groups.
    n_samples : int
        Number of samples that it is fitted on.

    Yields
    ------
    splitter : str
        Estimator and parameter, such as ``"LogisticRegressionCV(cv=5)"``.
    """
    if isinstance(estimator, FrozenEstimator):
        return
    if isinstance(estimator, Pipeline):
        *steps, last = [step for _, step in estimator.steps]
        children = [(step, False) for step in steps] + [(last, groups)]
    else:
        params = estimator.get_params(deep=False)
        name = _split_by(estimator, params, groups=groups, n_samples=n_samples)
        if name is not None:
            yield f"{type(estimator).__name__}({name}={params[name]!r})"
        # A search passes groups to its splitter only.
        passes_on = groups and not isinstance(estimator, BaseSearchCV)
        children = [
            (value, passes_on and key == "estimator") for key, value in _fitted(params).items()
        ]
    for held, gets_groups in children:
        for child in estimators_in(held):
            if get_config()["enable_metadata_routing"]:
                gets_groups = _consumes_groups(child, "fit")
            yield from splitters_inside(child, groups=gets_groups, n_samples=n_samples)


def estimators_in(value: Any) -> Iterator[Any]:
    """Yield the estimators that the value of a parameter is or holds, such as named members."""
    if isinstance(value, list | tuple):
        for member in value:
            yield from estimators_in(member)
    elif isinstance(value, Mapping):
        yield from estimators_in(list(value.values()))
    elif hasattr(value, "get_params") and hasattr(value, "fit") and not isinstance(value, type):
        yield value


def _split_by(
    estimator: Any, params: Mapping[str, Any], *, groups: bool, n_samples: int
) -> str | None:
    """Return the parameter by which an estimator splits its training data, if it does."""
    if "cv" in params:
        return "cv" if _cross_validates(estimator, params) else None
    if params.get("oob_score"):
        return "oob_score"
    # A support vector machine fits its probabilities by cross-validation.
    if params.get("probability") is True:
        return "probability"
    if groups:
        # Its fit takes groups, and holds out whole groups.
        return None
    if "validation_split" in params:
        return "validation_split" if params["validation_split"] else None
    if "early_stopping" in params:
        stops = params["early_stopping"]
        in_force = n_samples > _MANY_SAMPLES if stops == "auto" else bool(stops)
        held_out = params.get("validation_fraction", True) is not None
        return "early_stopping" if in_force and held_out else None
    if "validation_fraction" in params and params.get("n_iter_no_change") is not None:
        return "n_iter_no_change"
    return None


def _cross_validates(estimator: Any, params: Mapping[str, Any]) -> bool:
    cv = params["cv"]
    if cv is None and isinstance(estimator, _NONE_IS_OFF):
        return False
    if _is_prefit(params):
        return False
    wrapped = [*estimators_in(params.get("estimator")), *estimators_in(params.get("estimators"))]
    if wrapped and all(isinstance(inner, FrozenEstimator) for inner in wrapped):
        return False
    return not (hasattr(cv, "split") and _consumes_groups(cv, "split"))


def _fitted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters without those whose estimators are used as they are."""
    used = {"estimator", "estimators"} if _is_prefit(params) else set()
    return {name: value for name, value in params.items() if name not in used}


def _is_prefit(params: Mapping[str, Any]) -> bool:
    cv = params.get("cv")
    return (isinstance(cv, str) and cv == "prefit") or params.get("prefit") is True


def _consumes_groups(consumer: Any, method: str) -> bool:
    return "groups" in get_routing_for_object(consumer).consumes(method, ["groups"])
