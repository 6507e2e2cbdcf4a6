import numpy as np
import pytest

from skser import TimeShift

Y = np.array([1, 2, 3, 4, 5], dtype=np.float32)


@pytest.mark.parametrize(
    ("n_samples", "rollover", "expected"),
    [
        (0, True, [1, 2, 3, 4, 5]),
        (2, True, [4, 5, 1, 2, 3]),
        (-2, True, [3, 4, 5, 1, 2]),
        (5, True, [1, 2, 3, 4, 5]),
        (0, False, [1, 2, 3, 4, 5]),
        (2, False, [0, 0, 1, 2, 3]),
        (-2, False, [3, 4, 5, 0, 0]),
        (5, False, [0, 0, 0, 0, 0]),
        (-5, False, [0, 0, 0, 0, 0]),
    ],
)
def test_samples_move(n_samples, rollover, expected):
    shifted = TimeShift(rollover=rollover)._apply(Y, 16000, n_samples)
    np.testing.assert_array_equal(shifted, expected)


def test_shift_is_a_share_of_the_duration(rng):
    assert TimeShift(0.25)._draw(rng, 1000, 16000) == 250
    assert TimeShift(0.25)._draw(rng, 1000, 48000) == 250


def test_shift_is_drawn_from_its_range(rng):
    drawn = [TimeShift((-0.1, 0.2))._draw(rng, 1000, 16000) for _ in range(1000)]
    assert min(drawn) in range(-100, -90)
    assert max(drawn) in range(190, 201)
