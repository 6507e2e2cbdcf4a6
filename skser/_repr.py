from __future__ import annotations

import re

from skser._sklearn_compat import EstimatorPrettyPrinter


class AddressFreeRepr:
    """Print an estimator as scikit-learn does, but without the memory addresses of functions.

    A function among the parameters of the estimator or of a nested one is printed identically in
    every process: ``AudioFunction(function=<function crest>)``.
    """

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        text: str = super().__repr__(N_CHAR_MAX)  # type: ignore[call-arg]
        return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


# scikit-learn wraps the lines of a class only if it knows the class's `__repr__`.
EstimatorPrettyPrinter._dispatch[AddressFreeRepr.__repr__] = (
    EstimatorPrettyPrinter._pprint_estimator
)
