import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils import assert_all_finite, check_array

from skser import MFCC, AudioError, FixDuration, SpectrogramScaler
from skser.audio._finite import report_nonfinite_sample


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_not_finite_is_named(value):
    X = np.ones((4, 3), dtype=np.float32)
    X[2, 1] = value
    with pytest.raises(AudioError, match=r"X\[2\] contains NaN"), report_nonfinite_sample(X):
        assert_all_finite(X)


@pytest.mark.parametrize("X", [np.ones((2, 3)), np.array(["a"]), [[np.nan]], None])
def test_another_error_is_left_as_it_is(X):
    with pytest.raises(ValueError, match="another"), report_nonfinite_sample(X):
        raise ValueError("another")


@pytest.mark.parametrize(
    "X",
    [
        [[1.0, 2.0], [3.0, np.nan]],
        pd.DataFrame({"name": [1, 2], "value": [2.0, np.nan]}),
        np.array([[1, 2], [3, np.inf]], dtype=object),
    ],
    ids=["nested lists", "data frame", "objects"],
)
def test_a_sample_is_named_in_whatever_array_it_is(X):
    with pytest.raises(AudioError, match=r"X\[1\] contains NaN"), report_nonfinite_sample(X):
        check_array(X)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_a_sample_too_large_for_float32_is_named():
    X = np.ones((4, 3))
    X[2, 1] = 1e39
    message = r"X\[2\] contains a value too large for float32"
    with pytest.raises(AudioError, match=message), report_nonfinite_sample(X):
        check_array(X, dtype=np.float32)


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize("estimator", [MFCC(), FixDuration(0.1), SpectrogramScaler()])
def test_transformers_name_a_row_that_is_not_finite(estimator, method):
    X = np.ones((4, 3000), dtype=np.float32)
    X[2, 1] = np.nan
    if method == "transform":
        estimator = clone(estimator).fit(np.ones_like(X))
    with pytest.raises(AudioError, match=r"X\[2\] contains NaN or infinity"):
        getattr(estimator, method)(X)
