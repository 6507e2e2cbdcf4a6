import numpy as np
import pytest

from skser import MFCC, MFCC2D


def test_row_is_a_coefficient_and_column_a_frame(rng):
    y = rng.normal(size=(2, 5000))
    images = MFCC2D(13).fit_transform(y)
    assert images.shape == (2, 13, 1 + 5000 // 512)
    np.testing.assert_array_equal(images.reshape(2, -1), MFCC(13, pooling=None).fit_transform(y))


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(ValueError, match="n_mfcc=41 exceeds n_mels=40"):
        MFCC2D(41, n_mels=40).fit([np.ones(1)])
