import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skser.preprocessing._rows import (
    as_rows,
    from_rows,
    location_and_scale,
    shrink,
    subtracts_and_divides,
)


@pytest.mark.parametrize(
    ("shape", "table"), [((4,), (1, 4)), ((3, 5), (5, 3)), ((3, 5, 2), (5, 6))]
)
def test_values_come_back_from_rows(rng, shape, table):
    value = rng.normal(size=shape)
    rows = as_rows(value)
    assert rows.shape == table
    np.testing.assert_array_equal(from_rows(rows, shape), value)


def test_a_frame_is_a_row():
    image = np.array([[1, 2, 3], [4, 5, 6]])
    assert as_rows(image).tolist() == [[1, 4], [2, 5], [3, 6]]


@pytest.mark.parametrize(
    ("scaler", "location", "scale"),
    [
        (StandardScaler(), [2, 0], [np.sqrt(2), 1]),
        (RobustScaler(), [2, 0], [2, 1]),
        (MinMaxScaler(), [0, 0], [4, 1]),
        (MaxAbsScaler(), [0, 0], [4, 1]),
        (StandardScaler(with_std=False), [2, 0], [1, 1]),
    ],
    ids=repr,
)
def test_location_and_scale_are_found_from_outside(scaler, location, scale):
    rows = np.column_stack([np.arange(5.0), np.zeros(5)])
    found = location_and_scale(scaler.fit(rows), 2)
    np.testing.assert_allclose(found, [location, scale], atol=1e-12)
    assert subtracts_and_divides(scaler, rows)


@pytest.mark.parametrize("scaler", [QuantileTransformer(n_quantiles=5), PCA(2), PCA(1)], ids=repr)
def test_other_transformers_do_something_else(rng, scaler):
    rows = rng.normal(size=(20, 2)) @ [[1, 0.5], [0, 1]]
    assert not subtracts_and_divides(scaler.fit(rows), rows)


def test_as_many_clips_as_the_prior_counts_are_half_of_the_blend():
    location, scale = shrink(np.array([2.0]), np.array([3.0]), n_clips=4, prior_weight=4)
    assert location == 1
    assert scale == np.sqrt(5)


def test_without_clips_the_prior_is_all_and_without_a_prior_the_clips():
    own = np.array([2.0]), np.array([3.0])
    assert shrink(*own, n_clips=0, prior_weight=4) == (0, 1)
    assert shrink(*own, n_clips=4, prior_weight=0) == own
