import warnings
from itertools import product

import librosa
import numpy as np
import pytest

from skser.analysis._mel_filters import hz_to_mel, mel_filters, mel_frequencies, mel_to_hz

EMPTY = pytest.mark.filterwarnings("ignore:Empty filters detected:UserWarning")


@EMPTY
@pytest.mark.parametrize("sr", [8000, 16000.5, 22050, 48000])
@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("equal_area", [False, True])
def test_filters_equal_librosas(sr, htk, equal_area):
    limits = [(0, sr / 2), (20.0, 0.45 * sr), (0, 900), (1000, sr / 2)]
    for n_fft, n_mels, (fmin, fmax) in product([2, 255, 400, 2048], [1, 26, 128], limits):
        filters = mel_filters(sr, n_fft, n_mels, fmin, fmax, htk=htk, equal_area=equal_area)
        expected = librosa.filters.mel(
            sr=sr,
            n_fft=n_fft,
            n_mels=n_mels,
            fmin=fmin,
            fmax=fmax,
            htk=htk,
            norm="slaney" if equal_area else None,
        )
        assert filters.dtype == np.float32
        np.testing.assert_allclose(filters, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("htk", [False, True])
def test_frequencies_equal_librosas(htk):
    expected = librosa.mel_frequencies(40, fmin=20, fmax=8000, htk=htk)
    np.testing.assert_allclose(mel_frequencies(40, 20, 8000, htk=htk), expected, rtol=1e-12)


def test_slaneys_scale_is_linear_up_to_1000_hz_and_logarithmic_above():
    np.testing.assert_allclose(hz_to_mel([0, 500, 1000, 6400]), [0, 7.5, 15, 42])


def test_oshaughnessys_scale():
    np.testing.assert_allclose(hz_to_mel([0, 700, 6300], htk=True), 2595 * np.log10([1, 2, 10]))


@pytest.mark.parametrize("htk", [False, True])
def test_scales_can_be_inverted(htk):
    frequencies = [0.0, 20.0, 999.0, 1000.0, 1001.0, 24000.0]
    mels = hz_to_mel(frequencies, htk=htk)
    np.testing.assert_allclose(mel_to_hz(mels, htk=htk), frequencies, atol=1e-9)


def test_area_of_every_triangle_is_1():
    filters = mel_filters(16000, 2**15, 40, 50.0, 8000.0)
    np.testing.assert_allclose(filters.sum(axis=1) * 16000 / 2**15, 1, rtol=1e-3)


def test_triangles_without_equal_area_add_up_to_1_between_the_peaks():
    filters = mel_filters(16000, 512, 26, 20.0, 8000.0, equal_area=False)
    peaks = mel_frequencies(28, 20.0, 8000.0)[1:-1]
    bins = np.fft.rfftfreq(512, 1 / 16000)
    between = (bins > peaks[0]) & (bins < peaks[-1])
    np.testing.assert_allclose(filters.sum(axis=0)[between], 1, rtol=1e-6)


def warns(function, **parameters):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(**parameters)
    return bool(caught)


@pytest.mark.parametrize("fmin", [0.0, 20.0])
def test_warns_of_filters_without_a_bin_where_librosa_warns(fmin):
    for n_fft, n_mels in product([16, 64, 256, 2048], [1, 2, 5, 13, 26, 128]):
        parameters = {"sr": 16000, "n_fft": n_fft, "n_mels": n_mels, "fmin": fmin, "fmax": 8000}
        assert warns(mel_filters, **parameters) == warns(librosa.filters.mel, **parameters)


def test_warning_says_how_many_filters_are_empty_and_what_to_do():
    message = r"Empty filters detected: \d+ of 128 .*sr / n_fft = 250 Hz.* Lower n_mels, or raise"
    with pytest.warns(UserWarning, match=message):
        mel_filters(16000, 64, 128, 0.0, 8000.0)
