import librosa
import numpy as np
import pytest
from scipy.fft import fft

from skser.analysis._constant_q_filters import (
    Q,
    highest_passed,
    pitch_classes,
    wavelets,
    without_smallest,
)

# One octave from 0.4 % and from 14 % of the sample rate: filters of thousands of samples, and of
# hundreds.
octaves = pytest.mark.parametrize("lowest", [0.004, 0.14])


def octave_above(lowest):
    return lowest * 2.0 ** (np.arange(36) / 36)


@octaves
def test_filters_equal_librosas(lowest):
    filters, lengths = wavelets(octave_above(lowest))
    expected, expected_lengths = librosa.filters.wavelet(freqs=octave_above(lowest), sr=1.0)
    assert filters.dtype == np.complex64
    np.testing.assert_allclose(filters, expected, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(lengths, expected_lengths, rtol=1e-12)


def test_q_is_that_of_filters_that_reach_halfway_to_their_neighbours():
    below, above = 2 ** (-1 / 36), 2 ** (1 / 36)
    assert Q == pytest.approx((above + below) / (above - below))


def test_highest_passed_frequency_is_librosas():
    frequencies = 1000 * octave_above(1.0)
    _, cutoff = librosa.filters.wavelet_lengths(freqs=frequencies, sr=22050)
    # librosa takes the bandwidth of a Hann window of finite length.
    assert highest_passed(frequencies[-1]) == pytest.approx(cutoff, rel=1e-5)


@octaves
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5])
def test_smallest_values_are_left_out_as_by_librosa(lowest, part):
    spectra = fft(wavelets(octave_above(lowest))[0])
    expected = librosa.util.sparsify_rows(spectra, quantile=part).toarray()
    np.testing.assert_array_equal(without_smallest(spectra, part), expected)


def test_smallest_values_together_are_less_than_a_part_of_the_sum():
    rows = np.array([[1, 5j, 2, -12], [5, 5, 5, 5]], dtype=np.complex64)
    expected = [[0, 5j, 0, -12], [5, 5, 5, 5]]
    np.testing.assert_array_equal(without_smallest(rows, 0.2), expected)


def test_pitch_classes_are_librosas():
    expected = librosa.filters.cq_to_chroma(252, bins_per_octave=36, n_chroma=12)
    np.testing.assert_array_equal(pitch_classes(252), expected)
