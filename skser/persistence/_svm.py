"""Check support-vector machines from a file, whose array sizes libsvm does not check itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from skser.exceptions import ModelFileError
from skser.persistence._objects import objects_in

_KERNELS = (SVC, NuSVC, SVR, NuSVR, OneClassSVM)


def check_svms(estimator: Any) -> None:
    """Raise `ModelFileError` if the arrays of a support-vector machine do not belong together.

    Parameters
    ----------
    estimator : estimator
        Estimator in which every support-vector machine is checked.
    """
    for thing in objects_in(estimator):
        is_fitted = isinstance(thing, _KERNELS) and hasattr(thing, "support_vectors_")
        if is_fitted and not _is_consistent(thing):
            raise ModelFileError(
                f"holds a {type(thing).__name__} whose arrays do not belong together"
            )


def _is_consistent(machine: Any) -> bool:
    is_classifier = isinstance(machine, SVC | NuSVC)
    n_classes = len(machine.classes_) if is_classifier else 2
    n_pairs = n_classes * (n_classes - 1) // 2
    n_vectors = len(machine.support_)
    n_fitted, n_features = machine.shape_fit_
    # Only kernels that libsvm knows by name need the support vectors.
    is_named = isinstance(machine.kernel, str) and machine.kernel != "precomputed"
    expected = {
        "support_": ((n_vectors,), np.int32),
        "support_vectors_": ((n_vectors, n_features) if is_named else (0, 0), np.float64),
        "_n_support": ((n_classes,), np.int32),
        "_dual_coef_": ((n_classes - 1, n_vectors), np.float64),
        "_intercept_": ((n_pairs,), np.float64),
    }
    values = vars(machine)
    n_probabilities = len(values["_probA"])
    for name in ("_probA", "_probB"):
        expected[name] = ((n_pairs if n_probabilities else 0,), np.float64)
    return (
        machine._sparse is False
        and (not is_named or n_features == machine.n_features_in_)
        and all(
            type(values[name]) is np.ndarray
            and values[name].shape == shape
            and values[name].dtype == dtype
            for name, (shape, dtype) in expected.items()
        )
        and bool(((machine.support_ >= 0) & (machine.support_ < n_fitted)).all())
        and bool((machine._n_support >= 0).all())
        and (not is_classifier or int(machine._n_support.sum()) == n_vectors)
    )
