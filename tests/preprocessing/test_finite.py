import numpy as np
import pytest
from sklearn.utils import assert_all_finite

from skser import AudioError
from skser.preprocessing._finite import naming_what_is_not_finite


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_not_finite_is_named(value):
    X = np.ones((4, 3), dtype=np.float32)
    X[2, 1] = value
    with pytest.raises(AudioError, match=r"X\[2\] contains NaN"), naming_what_is_not_finite(X):
        assert_all_finite(X)


@pytest.mark.parametrize("X", [np.ones((2, 3)), np.array(["a"]), [[np.nan]], None])
def test_another_error_is_left_as_it_is(X):
    with pytest.raises(ValueError, match="another"), naming_what_is_not_finite(X):
        raise ValueError("another")
