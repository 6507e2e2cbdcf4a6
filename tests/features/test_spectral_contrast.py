import numpy as np
import pytest

from skser import SpectralContrast


def test_impulse_has_no_contrast():
    np.testing.assert_allclose(SpectralContrast().fit_transform([np.ones(1)]), 0, atol=1e-4)


def test_tone_stands_out_in_its_band_only(quarter_rate_cosine):
    # 3200 to 6400 Hz: bins 297 to 593, of which 6 (2 %) make the peak.
    feature = SpectralContrast(linear=True, window="boxcar", pooling="median")
    np.testing.assert_allclose(
        feature.fit_transform([quarter_rate_cosine]), [[0, 0, 0, 0, 0, 1024 / 6, 0]], atol=1e-6
    )


def test_one_value_more_than_bands(rng):
    assert SpectralContrast(n_bands=4).fit_transform([rng.normal(size=5000)]).shape == (1, 5)


def test_band_above_the_nyquist_frequency_is_refused(rng):
    with pytest.raises(ValueError, match=r"begins at .* = 6400 Hz, not below .* = 4000 Hz. Lower"):
        SpectralContrast(sr=8000).fit([rng.normal(size=5000)])


def test_fewer_bands_fit_a_low_sample_rate(rng):
    assert SpectralContrast(sr=8000, n_bands=5).fit_transform([rng.normal(size=5000)]).shape == (
        1,
        6,
    )


@pytest.mark.parametrize("plan", [{"n_fft": 64}, {"sr": 96000, "n_fft": 400, "fmin": 100}])
def test_a_band_narrower_than_two_bins_is_refused(plan, rng):
    with pytest.raises(ValueError, match="narrower than two bins"):
        SpectralContrast(**plan).fit([rng.normal(size=5000)])
