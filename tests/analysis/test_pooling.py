import numpy as np
import pytest
import scipy.stats
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from librosa.feature import delta

from skser.analysis import _pooling
from skser.analysis._pooling import (
    STATISTICS,
    pool_existing,
    statistic,
    statistic_names,
    with_deltas,
)

EVERY_NAME = [*STATISTICS, "p0", "p05", "p50", "p95", "p100"]
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=20)
FRAMES = arrays(np.float32, SHAPES, elements=st.floats(-1e6, 1e6, width=32))
WHOLE_FRAMES = arrays(np.float64, SHAPES, elements=st.integers(-1000, 1000).map(float))

every_statistic = pytest.mark.parametrize("name", EVERY_NAME)


def pool(frames, name):
    return _pooling.pool(frames, [name])[0]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("mean", lambda x: np.mean(x, axis=1)),
        ("std", lambda x: np.std(x, axis=1)),
        ("cv", lambda x: scipy.stats.variation(x, axis=1)),
        ("min", lambda x: np.min(x, axis=1)),
        ("max", lambda x: np.max(x, axis=1)),
        ("range", lambda x: np.max(x, axis=1) - np.min(x, axis=1)),
        ("median", lambda x: np.median(x, axis=1)),
        ("iqr", lambda x: scipy.stats.iqr(x, axis=1)),
        ("skew", lambda x: scipy.stats.skew(x, axis=1)),
        ("kurtosis", lambda x: scipy.stats.kurtosis(x, axis=1)),
        ("slope", lambda x: np.polyfit(np.arange(x.shape[1]), x.T, 1)[0]),
        ("p05", lambda x: np.percentile(x, 5, axis=1)),
        ("p7", lambda x: np.percentile(x, 7, axis=1)),
        ("p100", lambda x: np.max(x, axis=1)),
    ],
)
@pytest.mark.parametrize("scale", [1e-12, 1, 1e12])
def test_equals_numpy_and_scipy(name, reference, scale, rng):
    frames = (scale * rng.gamma(2, size=(4, 100))).astype(np.float32)
    np.testing.assert_allclose(pool(frames, name), reference(frames.astype(float)), rtol=1e-5)


@every_statistic
@given(frames=FRAMES)
def test_finite_frames_have_finite_statistics(name, frames):
    pooled = pool(frames, name)
    assert pooled.shape == (len(frames),)
    assert pooled.dtype == np.float32
    assert np.isfinite(pooled).all()


@every_statistic
@pytest.mark.parametrize("n_frames", [1, 2, 50])
@pytest.mark.parametrize("value", [0, 0.1, -100, 1e-30])
def test_frames_that_do_not_vary_have_their_value_or_no_spread(name, n_frames, value):
    pooled = pool(np.full((2, n_frames), value, dtype=np.float32), name)
    has_the_value = name in ("mean", "min", "max", "median") or name.startswith("p")
    np.testing.assert_allclose(
        pooled, value if has_the_value else 0, rtol=1e-6, atol=1e-13 * abs(value)
    )


@pytest.mark.parametrize("name", ["mean", "min", "max", "median", "p05"])
@given(frames=WHOLE_FRAMES, shift=st.integers(-1000, 1000))
def test_location_moves_with_the_frames(name, frames, shift):
    np.testing.assert_allclose(pool(frames + shift, name), pool(frames, name) + shift, atol=1e-3)


@pytest.mark.parametrize("name", ["std", "range", "iqr", "slope", "skew", "kurtosis"])
@given(frames=WHOLE_FRAMES, shift=st.integers(-1000, 1000))
def test_spread_shape_and_slope_do_not(name, frames, shift):
    np.testing.assert_allclose(pool(frames + shift, name), pool(frames, name), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mean", "std", "range", "median", "iqr", "slope"])
@given(frames=WHOLE_FRAMES, factor=st.sampled_from([0.25, 3, 1024]))
def test_location_and_spread_scale_with_the_frames(name, frames, factor):
    np.testing.assert_allclose(
        pool(factor * frames, name), factor * pool(frames, name), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", ["cv", "skew", "kurtosis"])
@given(frames=WHOLE_FRAMES, factor=st.sampled_from([1e-9, 0.25, 1024, 1e9]))
def test_shape_does_not(name, frames, factor):
    np.testing.assert_allclose(
        pool(factor * frames, name), pool(frames, name), rtol=1e-4, atol=1e-5
    )


def test_coefficient_of_variation_is_0_where_the_mean_is():
    frames = np.array([[-0.1, 0.1, -0.3, 0.3], [1, 3, 1, 3], [-1, -3, -1, -3]], dtype=np.float32)
    assert pool(frames, "cv").tolist() == [0, 0.5, -0.5]


def test_two_frames_have_the_slope_from_one_to_the_other():
    assert pool(np.array([[1, 4]], dtype=np.float32), "slope").tolist() == [3]


@given(frames=WHOLE_FRAMES)
def test_slope_turns_with_time(frames):
    np.testing.assert_allclose(pool(frames[:, ::-1], "slope"), -pool(frames, "slope"), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("mean_rising_slope", 3),
        ("std_rising_slope", 1),
        ("mean_falling_slope", 2),
        ("std_falling_slope", 0),
    ],
)
def test_slopes_of_the_parts_between_turning_points(name, slope):
    # Up by 2 a frame, down by 2, up by 4, down by 2.
    steps = np.repeat([2.0, -2.0, 4.0, -2.0], 1000)
    frames = np.cumsum(steps)[np.newaxis].astype(np.float32)
    np.testing.assert_allclose(pool(frames, name), slope, atol=0.01)
    # A ripple does not break a part, not even one that makes two peaks of one height.
    ripple = np.where(np.arange(4000) % 2, 10, -10).astype(np.float32)
    np.testing.assert_allclose(pool(frames + ripple, name), slope, atol=0.05)


@pytest.mark.parametrize("name", ["mean_rising_slope", "mean_falling_slope"])
def test_a_missing_frame_ends_a_rising_or_falling_part(name):
    rise = np.arange(1000.0)
    contour = np.concatenate([rise, [np.nan], 1e6 + rise]).astype(np.float32)
    expected = 1 if "rising" in name else 0
    np.testing.assert_allclose(pool_existing(contour[np.newaxis], [name])[0], expected, atol=0.01)


def test_functionals_stand_for_ten_names():
    ten = statistic_names("functionals")
    assert len(set(ten)) == 10 and {"mean", "std", "p95"} < set(ten)
    assert statistic_names(["max", "functionals"]) == ["max", *ten]


@pytest.mark.parametrize("name", ["average", "p101", "p", "p-5", "p5.5", "", "Mean", "p05 "])
def test_unknown_names_are_refused(name):
    with pytest.raises(
        ValueError, match=f"pooling='{name}' is unknown. Choose from mean, .* 'p05'"
    ):
        statistic(name)


def test_deltas_of_a_line_are_its_slope():
    line = 3 * np.arange(20, dtype=np.float32)[np.newaxis]
    frames = with_deltas(line, 2)
    np.testing.assert_array_equal(frames[0], line[0])
    np.testing.assert_allclose(frames[1], 3, rtol=1e-5)
    np.testing.assert_allclose(frames[2], 0, atol=1e-4)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("n_frames", [1, 2, 8, 9])
def test_deltas_keep_the_number_of_frames(order, n_frames):
    frames = with_deltas(np.ones((3, n_frames), dtype=np.float32), order)
    assert frames.shape == (3 * (1 + order), n_frames)
    np.testing.assert_allclose(frames[3:], 0, atol=1e-6)


@pytest.mark.parametrize("n_frames", [1, 5, 8, 9, 10, 100])
def test_deltas_are_those_of_librosa(n_frames, rng):
    frames = rng.normal(size=(3, n_frames)).astype(np.float32)
    mode = "interp" if n_frames >= 9 else "nearest"
    expected = [delta(frames, order=order, mode=mode) for order in (1, 2)]
    np.testing.assert_allclose(with_deltas(frames, 2)[3:], np.concatenate(expected), atol=1e-6)


def test_statistics_do_not_depend_on_others_nor_coefficients_on_theirs(rng):
    frames = rng.normal(size=(6, 50)).astype(np.float32)
    frames[1, 10:20] = frames[2, 10:20] = frames[3, 30] = frames[4] = np.nan
    values = pool_existing(frames, EVERY_NAME)
    assert values.shape == (len(EVERY_NAME), 6)
    for name, row in zip(EVERY_NAME, values, strict=True):
        for coefficient, value in zip(frames, row, strict=True):
            assert pool_existing(coefficient[np.newaxis], [name]) == value
