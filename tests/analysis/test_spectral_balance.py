import numpy as np
import pytest

from skser.analysis import _spectral_balance as balance

FREQUENCIES = np.arange(257) * 31.25


def two_bins(low, high, low_power=1.0, high_power=1.0):
    power = np.zeros((1, 257), dtype=np.float32)
    power[0, round(low / 31.25)] = low_power
    power[0, round(high / 31.25)] = high_power
    return power


def test_alpha_ratio_of_two_tones():
    power = two_bins(500, 2000, 1.0, 0.01)
    assert balance.alpha_ratio(power, FREQUENCIES)[0] == pytest.approx(-20, abs=1e-4)


def test_alpha_ratio_leaves_out_what_is_below_31_hz_and_above_5_khz():
    power = two_bins(500, 2000, 1.0, 0.01)
    power[0, 0] = power[0, 160:] = 1e6
    assert balance.alpha_ratio(power, FREQUENCIES)[0] == pytest.approx(-20, abs=1e-4)


def test_hammarberg_index_of_two_peaks():
    power = two_bins(1000, 3000, 1.0, 0.001) + np.float32(1e-6)
    assert balance.hammarberg_index(power, FREQUENCIES)[0] == pytest.approx(30, abs=0.01)


@pytest.mark.parametrize("band", [(0, 500), (500, 1500)])
@pytest.mark.parametrize("gain", [1e-3, 1.0, 1e3])
def test_slope_of_a_straight_line_at_any_level(band, gain):
    power = (gain * 10 ** (-0.02 * FREQUENCIES / 10)).astype(np.float32)[None]
    slope = balance.spectral_slope(power, FREQUENCIES, *band)
    assert slope[0] == pytest.approx(-0.02, rel=1e-3)


def test_slope_equals_polyfit(rng):
    power = rng.random((4, 257), dtype=np.float32) + 0.01
    inside = (FREQUENCIES >= 500) & (FREQUENCIES <= 1500)
    level = 10 * np.log10(power[:, inside])
    expected = np.polyfit(FREQUENCIES[inside], level.T, 1)[0]
    slope = balance.spectral_slope(power, FREQUENCIES, 500, 1500)
    np.testing.assert_allclose(slope, expected, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(
    "descriptor",
    [
        balance.alpha_ratio,
        balance.hammarberg_index,
        lambda power, frequencies: balance.spectral_slope(power, frequencies, 0, 500),
    ],
)
def test_balance_of_silence_does_not_exist(descriptor):
    assert np.isnan(descriptor(np.zeros((1, 257), np.float32), FREQUENCIES)).all()


def test_flux_of_a_steady_spectrum_is_zero(rng):
    steady = np.repeat(rng.random((1, 257), dtype=np.float32), 5, axis=0)
    np.testing.assert_array_equal(balance.spectral_flux(steady, FREQUENCIES), 0)


def test_flux_is_the_rms_difference_of_magnitudes_below_5_khz():
    power = np.zeros((2, 257), dtype=np.float32)
    power[1, :160] = 9
    power[1, 160:] = 1e6
    np.testing.assert_allclose(balance.spectral_flux(power, FREQUENCIES), [0, 3])


def test_flux_goes_on_across_blocks(rng):
    power = rng.random((10, 257), dtype=np.float32)
    whole = balance.spectral_flux(power, FREQUENCIES)
    parts = [
        balance.spectral_flux(power[:4], FREQUENCIES),
        balance.spectral_flux(power[4:], FREQUENCIES, previous=power[3]),
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
