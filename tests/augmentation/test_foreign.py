import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skser import AudioError, Compose
from skser.augmentation._base import with_copies
from skser.augmentation._foreign import check_output, seeded

CLIP = np.array([0.5, -0.5, 0.25], dtype=np.float32)


def returns(output):
    def augment(samples, sample_rate):
        return output

    return augment


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ([np.nan, 0.1], "returned NaN, infinity, or a value too large"),
        ([np.inf, 0.1], "returned NaN, infinity, or a value too large"),
        ([1e300], "returned NaN, infinity, or a value too large"),
        ([1, 2], "returned samples of dtype int64"),
        ([True], "returned samples of dtype bool"),
        ([1j], "returned samples of dtype complex128"),
        ([[0.1, 0.2]], r"returned an array of shape \(1, 2\)"),
        (0.1, r"returned an array of shape \(\)"),
        (np.empty(0), "returned 0 samples"),
    ],
    ids=str,
)
@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: Compose([a])], ids=["alone", "composed"])
def test_what_is_no_clip_is_refused_naming_augmenter_and_clip(output, message, wrap):
    augment = wrap(returns(np.asarray(output)))
    with pytest.raises(AudioError, match=rf"^X\[0\] array of shape \(3,\): augment {message}"):
        with_copies([CLIP], augment, n_copies=1, seed=0)


@pytest.mark.parametrize("output", [None, [0.1, 0.2]], ids=str)
def test_what_is_no_array_is_refused(output):
    with pytest.raises(AudioError, match=f"augment returned {type(output).__name__}, but an array"):
        with_copies([CLIP], returns(output), n_copies=1, seed=0)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.longdouble])
def test_other_floats_are_converted(dtype):
    output = check_output(CLIP.astype(dtype), half_of)
    assert output.dtype == np.float32
    np.testing.assert_array_equal(output, CLIP)


def half_of(samples, sample_rate):
    return samples / 2


def test_callable_gets_float32_samples_and_their_rate():
    seen = []

    def augment(samples, sample_rate):
        seen.append((samples.dtype, samples.shape, sample_rate))
        return samples

    with_copies([CLIP.astype(np.float64)], augment, n_copies=1, seed=0, sr=8000)
    assert seen == [(np.float32, (3,), 8000)]


def test_callable_may_write_into_its_samples():
    def augment(samples, sample_rate):
        samples *= 2
        return samples

    _, first, second = with_copies([CLIP], augment, n_copies=2, seed=0)
    np.testing.assert_array_equal(first, 2 * CLIP)
    np.testing.assert_array_equal(second, 2 * CLIP)


def test_what_a_callable_draws_globally_is_seeded():
    def augment(samples, sample_rate):
        return samples + random.random() + np.random.random()  # noqa: NPY002

    first, again, other = (
        with_copies([CLIP], augment, n_copies=2, seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[1] != first[2]).all()
    assert (first[1] != other[1]).all()


def test_global_generators_are_left_as_they_were():
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    with pytest.raises(KeyError), seeded(3):
        random.random(), np.random.random()  # noqa: NPY002
        raise KeyError
    assert random.getstate() == state
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state[1])  # noqa: NPY002


def test_error_of_a_callable_says_at_which_clip():
    def augment(samples, sample_rate):
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone") as caught:
        with_copies([CLIP], augment, n_copies=1, seed=0)
    assert caught.value.__notes__ == ["While augmenting X[0] array of shape (3,)."]


def test_threads_do_not_draw_from_each_others_seed():
    def draw(seed):
        with seeded(seed):
            return [random.random() for _ in range(200)]  # long enough for threads to meet

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(draw, range(40))) == [draw(seed) for seed in range(40)]
