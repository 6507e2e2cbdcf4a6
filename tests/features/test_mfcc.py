import numpy as np
import pytest

from skser import MFCC


def test_equal_levels_have_one_coefficient():
    # Silence is -100 dB in each of 128 bands; the DCT-II of a constant L is sqrt(128) * L, 0, ...
    expected = [-100 * np.sqrt(128), *np.zeros(19)]
    np.testing.assert_allclose(MFCC().fit_transform([np.zeros(5000)])[0], expected, atol=1e-3)


def test_gain_changes_the_first_coefficient_only(rng):
    y = rng.normal(scale=0.1, size=22050)
    change = MFCC().fit_transform([2 * y]) - MFCC().fit_transform([y])
    np.testing.assert_allclose(change[0, 0], 20 * np.log10(2) * np.sqrt(128), rtol=1e-4)
    np.testing.assert_allclose(change[0, 1:], 0, atol=1e-3)


def test_fewer_coefficients_are_the_first_of_more(rng):
    y = rng.normal(scale=0.1, size=22050)
    np.testing.assert_array_equal(MFCC(5).fit_transform([y]), MFCC(40).fit_transform([y])[:, :5])


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(ValueError, match=r"n_mfcc=41 exceeds n_mels=40: .* Lower n_mfcc, or raise"):
        MFCC(41, n_mels=40).fit([np.ones(1)])


def test_fmax_above_the_nyquist_frequency_is_refused():
    with pytest.raises(ValueError, match="fmax=12000 Hz lies above the Nyquist frequency"):
        MFCC(fmax=12000).fit([np.ones(1)])
