from itertools import product

import librosa
import numpy as np
import pytest

from skser.analysis._chroma_filters import chroma_filters


@pytest.mark.parametrize("sr", [8000, 16000.5, 22050, 48000])
@pytest.mark.parametrize("n_chroma", [1, 11, 12, 24])
def test_filters_equal_librosas(sr, n_chroma):
    for n_fft, tuning in product([2, 3, 255, 400, 2048], [-0.5, 0.0, 0.17, 0.49]):
        filters = chroma_filters(sr, n_fft, n_chroma, tuning)
        expected = librosa.filters.chroma(sr=sr, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning)
        assert filters.dtype == np.float32
        np.testing.assert_allclose(filters, expected, rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize(("octave", "weight"), [(4, np.exp(-1 / 8)), (5, 1), (7, np.exp(-1 / 2))])
def test_a_has_its_own_class_and_the_weight_of_its_octave(octave, weight):
    # Bins are 5.5 Hz apart, so that every A falls on one; neighbours are close to it in pitch.
    filters = chroma_filters(22528, 4096, 12, 0.0)
    bump = filters[:, int(27.5 * 2**octave / 5.5)]
    assert bump.argmax() == 9
    np.testing.assert_allclose(np.linalg.norm(bump), weight, rtol=1e-6)


def test_tuning_moves_all_classes_alike():
    # Half a semitone up, the bins have the same distances from classes half a semitone up.
    tuned = chroma_filters(22050 * 2 ** (1 / 24), 2048, 12, 0.5)
    np.testing.assert_allclose(tuned, chroma_filters(22050, 2048, 12, 0.0), rtol=1e-5, atol=1e-12)
