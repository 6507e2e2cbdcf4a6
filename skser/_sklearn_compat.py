"""Private names of scikit-learn, which only this file imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils import _safe_indexing
from sklearn.utils._metadata_requests import _raise_for_params
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
    validate_params,
)
from sklearn.utils._pprint import _EstimatorPrettyPrinter
from sklearn.utils._set_output import ADAPTERS_MANAGER
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_feature_names_in, _check_sample_weight, _num_samples

if TYPE_CHECKING:
    from sklearn.model_selection._search import BaseSearchCV
    from sklearn.model_selection._split import GroupsConsumerMixin
    from sklearn.pipeline import _name_estimators as name_estimators

__all__ = [
    "ADAPTERS_MANAGER",
    "BaseSearchCV",
    "EstimatorPrettyPrinter",
    "GroupsConsumerMixin",
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "Options",
    "StrOptions",
    "check_feature_names_in",
    "check_partial_fit_first_call",
    "check_sample_weight",
    "name_estimators",
    "num_samples",
    "raise_for_params",
    "safe_indexing",
    "validate_params",
]

EstimatorPrettyPrinter = _EstimatorPrettyPrinter
check_feature_names_in = _check_feature_names_in
check_partial_fit_first_call = _check_partial_fit_first_call
num_samples = _num_samples
raise_for_params = _raise_for_params
safe_indexing = _safe_indexing
check_sample_weight = _check_sample_weight


# Features need none of these three, whose import costs each process of a union 0.1 s.
def __getattr__(name: str) -> Any:
    if name == "BaseSearchCV":
        from sklearn.model_selection._search import BaseSearchCV

        return BaseSearchCV
    if name == "GroupsConsumerMixin":
        from sklearn.model_selection._split import GroupsConsumerMixin

        return GroupsConsumerMixin
    if name == "name_estimators":
        from sklearn.pipeline import _name_estimators

        return _name_estimators
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
