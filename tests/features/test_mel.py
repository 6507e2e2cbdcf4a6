import librosa
import numpy as np
import pytest

from skser import Mel


def test_impulse_has_the_area_of_each_filter():
    filters = librosa.filters.mel(sr=22050, n_fft=2048)
    np.testing.assert_allclose(Mel().fit_transform([np.ones(1)])[0], filters.sum(axis=1), rtol=1e-5)


def test_is_proportional_to_the_square_of_gain(rng):
    y = rng.normal(scale=0.1, size=22050)
    np.testing.assert_allclose(Mel().fit_transform([4 * y]), 16 * Mel().fit_transform([y]))


def test_level_rises_by_6_db_as_gain_doubles(rng):
    y = rng.normal(scale=0.1, size=22050)
    rise = Mel(to_db=True).fit_transform([2 * y]) - Mel(to_db=True).fit_transform([y])
    np.testing.assert_allclose(rise, 20 * np.log10(2), rtol=1e-4)


def test_level_is_at_most_80_db_deep(quarter_rate_cosine):
    feature = Mel(to_db=True, pooling=np.ravel)
    assert np.ptp(feature.fit_transform([quarter_rate_cosine])) == pytest.approx(80)


def test_fmax_above_the_nyquist_frequency_is_refused():
    with pytest.raises(ValueError, match=r"fmax=9000 Hz lies above .* sr / 2 = 8000 Hz"):
        Mel(fmax=9000, sr=16000).fit([np.ones(1)])


def test_fmin_above_fmax_is_refused():
    with pytest.raises(ValueError, match="fmin=500 Hz must lie below fmax=400 Hz"):
        Mel(fmin=500, fmax=400).fit([np.ones(1)])
