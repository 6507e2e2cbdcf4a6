import librosa
import numpy as np
import pytest

from skser.analysis._filterbanks import mel_filterbank


@pytest.mark.parametrize("n_mels", [1, 15, 16, 17, 128])
@pytest.mark.parametrize("fmax", [None, 4000.0])
def test_blocks_put_together_are_librosas_mel_filters(n_mels, fmax):
    whole = np.zeros((n_mels, 1025), dtype=np.float32)
    for bands, bins, weights in mel_filterbank(22050, 2048, n_mels, 50.0, fmax):
        whole[bands, bins] = weights.T
    expected = librosa.filters.mel(sr=22050, n_fft=2048, n_mels=n_mels, fmin=50.0, fmax=fmax)
    np.testing.assert_array_equal(whole, expected)


@pytest.mark.filterwarnings("ignore:Empty filters detected:UserWarning")
def test_blocks_without_a_bin_are_zero():
    blocks = mel_filterbank(22050, 64, 128, 0.0, None)
    assert sum(weights.shape[1] for _, _, weights in blocks) == 128
