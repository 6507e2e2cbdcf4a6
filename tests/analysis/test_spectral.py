import librosa
import numpy as np
import pytest

from skser.analysis import _spectral

FREQUENCIES = np.arange(5, dtype=np.float32)


def test_moments_are_weighted_by_magnitude():
    S = np.array([[0, 2, 0, 1, 0]], dtype=np.float32)
    np.testing.assert_array_equal(_spectral.moments(S, FREQUENCIES), [[3, 5, 11]])


@pytest.mark.parametrize("p", [1, 2, 3])
def test_single_bin_has_no_spread(p):
    S = np.array([[0, 0, 0, 0.3, 0]], dtype=np.float32)
    moments = _spectral.moments(S, FREQUENCIES)
    assert _spectral.bandwidth(S, FREQUENCIES, moments, p) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("n_frames", [1, 127, 128, 129, 300])
def test_every_frame_has_moments(n_frames, rng):
    S = rng.random((n_frames, 5), dtype=np.float32)
    expected = S.astype(float) @ np.stack([FREQUENCIES**k for k in range(3)], axis=1)
    np.testing.assert_allclose(_spectral.moments(S, FREQUENCIES), expected)


def test_division_is_zero_in_silence_and_keeps_nan():
    quotient = _spectral.divided(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.0, np.nan]))
    np.testing.assert_array_equal(quotient, [0.5, 0.0, np.nan])


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e4])
def test_level_equals_librosa(scale, rng):
    power = (scale * rng.random((50, 8)) ** 20).astype(np.float32)
    np.testing.assert_allclose(_spectral.to_db(power), librosa.power_to_db(power), rtol=1e-6)


@pytest.mark.parametrize("n_bins", [2, 31, 33, 201, 512, 1025])
@pytest.mark.parametrize("roll_percent", [1e-6, 0.5, 0.85, 0.999999])
def test_rolloff_is_the_bin_of_a_running_sum_in_single_precision(n_bins, roll_percent, rng):
    shape = (60, n_bins)
    S = np.concatenate(
        [
            rng.random(shape),
            rng.random(shape) * np.exp(-np.arange(n_bins) / rng.uniform(1, n_bins, (60, 1))),
            # Equal magnitudes err in the same direction, and single ones not at all.
            np.repeat(rng.random((60, 1)), n_bins, axis=1),
            np.eye(n_bins)[rng.integers(n_bins, size=60)],
            np.zeros((1, n_bins)),
        ]
    ).astype(np.float32)
    sums = np.cumsum(S, axis=1)
    expected = (sums >= roll_percent * sums[:, -1:]).argmax(axis=1)
    bins = np.arange(n_bins, dtype=np.float32)
    np.testing.assert_array_equal(_spectral.rolloff(S, bins, roll_percent), expected)
