from __future__ import annotations

import re
from typing import Any

from skser._doc_link import reference_page
from skser._sklearn_compat import EstimatorPrettyPrinter

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def without_addresses(text: str) -> str:
    """Return the text of a `repr` without memory addresses, which differ in every process."""
    return _ADDRESS.sub("", text)


def describe_folds(cv: Any) -> str:
    """Return the text for a parameter `cv`, without the indices of folds that are listed."""
    listed = isinstance(cv, list | tuple)
    return f"list of {len(cv)} folds" if listed else without_addresses(repr(cv))


class AddressFreeRepr:
    """Print an estimator as scikit-learn does, but without the memory addresses of functions.

    A function among the parameters of the estimator or of a nested one is printed identically in
    every process: ``AudioFunction(function=<function crest>)``. The diagram in a notebook shows it
    in the same way, and links to the reference of skser.
    """

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return without_addresses(super().__repr__(N_CHAR_MAX))  # type: ignore[call-arg]

    def _get_params_html(self, *args: Any, **kwargs: Any) -> Any:
        params = super()._get_params_html(*args, **kwargs)  # type: ignore[misc]
        for name, value in params.items():
            if _ADDRESS.search(repr(value)):
                params[name] = _Shown(value)
        return params

    def _get_doc_link(self) -> str:
        return reference_page(type(self))


class _Shown:
    """The `repr` of a value, without addresses."""

    def __init__(self, value: Any) -> None:
        self._text = without_addresses(repr(value))

    def __repr__(self) -> str:
        return self._text


# scikit-learn wraps the lines of a class only if it knows the class's `__repr__`.
EstimatorPrettyPrinter._dispatch[AddressFreeRepr.__repr__] = (
    EstimatorPrettyPrinter._pprint_estimator
)
