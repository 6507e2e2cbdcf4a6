import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import Mel2D, SpectrogramScaler


@pytest.fixture
def images(rng):
    return rng.normal(5, 2, size=(6, 3, 8)) * [[1], [10], [100]]


def test_rows_have_mean_0_and_deviation_1(images):
    scaled = SpectrogramScaler().fit_transform(images)
    np.testing.assert_allclose(scaled.mean(axis=(0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=(0, 2)), 1)


def test_channels_are_scaled_on_their_own(rng):
    images = rng.normal(5, 2, size=(6, 3, 8, 2)) * [1, 100]
    scaled = SpectrogramScaler().fit_transform(images)
    np.testing.assert_allclose(scaled.std(axis=(0, 2)), np.ones((3, 2)))


def test_constant_row_is_only_centred(images):
    images[:, 1] = 0.1
    scaler = SpectrogramScaler().fit(images)
    assert scaler.scale_[1] == 1
    np.testing.assert_allclose(scaler.transform(images)[:, 1], 0, atol=1e-12)
    np.testing.assert_allclose(scaler.transform(images + 1)[:, 1], 1)


def test_other_clips_are_scaled_as_those_of_fit(images):
    scaler = SpectrogramScaler().fit(images)
    np.testing.assert_allclose(
        scaler.transform(images[:1] + 1),
        (images[:1] + 1 - images.mean(axis=(0, 2))[:, None]) / images.std(axis=(0, 2))[:, None],
    )


def test_number_of_frames_may_differ_from_fit(images):
    assert SpectrogramScaler().fit(images).transform(images[:, :, :5]).shape == (6, 3, 5)


def test_mean_and_deviation_can_be_left_out(images):
    scaler = SpectrogramScaler(with_mean=False, with_std=False)
    np.testing.assert_array_equal(scaler.fit_transform(images), images)


def test_table_is_scaled_as_by_standard_scaler(images):
    np.testing.assert_allclose(
        SpectrogramScaler().fit_transform(images[..., 0]),
        StandardScaler().fit_transform(images[..., 0]),
    )


def test_follows_images_in_a_pipeline(rng):
    pipeline = make_pipeline(Mel2D(8), SpectrogramScaler())
    scaled = pipeline.fit_transform(rng.normal(size=(3, 5000)))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.mean(axis=(0, 2)), 0, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 8, 1)])
def test_other_number_of_dimensions_is_refused(images, shape):
    with pytest.raises(ValueError, match=r"was fitted on images of 3 dimensions"):
        SpectrogramScaler().fit(images).transform(np.ones(shape))


def test_other_number_of_channels_is_refused():
    with pytest.raises(ValueError, match=r"statistics of shape \(3, 2\)"):
        SpectrogramScaler().fit(np.ones((6, 3, 8, 2))).transform(np.ones((6, 3, 8, 1)))


def test_other_number_of_rows_is_refused(images):
    with pytest.raises(ValueError, match="X has 4 features, but SpectrogramScaler is expecting 3"):
        SpectrogramScaler().fit(images).transform(np.ones((6, 4, 8)))


def test_five_dimensions_are_refused():
    with pytest.raises(ValueError, match="X has 5 dimensions, but images have shape"):
        SpectrogramScaler().fit(np.ones((2, 2, 2, 2, 2)))
