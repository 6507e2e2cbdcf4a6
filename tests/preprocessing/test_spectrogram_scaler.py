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


@pytest.mark.parametrize("shape", [(3,), (3, 2)], ids=["rows", "rows and channels"])
def test_images_that_differ_in_length_are_scaled_as_their_frames_joined(shape, rng):
    n_rows, *channels = shape
    images = [rng.normal(5, 2, size=(n_rows, n, *channels)).astype(np.float32) for n in (4, 7, 1)]
    joined = np.concatenate(images, axis=1)[np.newaxis]
    scaler, of_joined = SpectrogramScaler().fit(images), SpectrogramScaler().fit(joined)
    np.testing.assert_array_equal(scaler.mean_, of_joined.mean_)
    np.testing.assert_array_equal(scaler.scale_, of_joined.scale_)
    scaled = scaler.transform(images)
    assert (scaled.shape, scaled.dtype) == ((3,), object)
    for image, alone in zip(scaled, images, strict=True):
        np.testing.assert_array_equal(image, of_joined.transform(alone[np.newaxis])[0])
    np.testing.assert_array_equal(
        np.concatenate(list(scaled), axis=1), of_joined.transform(joined)[0]
    )


def test_images_that_differ_in_length_are_left_as_they_are(rng):
    images = [rng.normal(size=(3, n)).astype(np.float32) for n in (4, 7)]
    before = [image.copy() for image in images]
    SpectrogramScaler().fit_transform(images)
    np.testing.assert_array_equal(images[1], before[1])


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


@pytest.mark.parametrize(
    ("shape", "message"),
    [((4, 7), "X has 4 features"), ((3, 7, 2), "images of 3 dimensions")],
)
def test_other_rows_and_channels_are_refused_in_images_that_differ_in_length(
    images, shape, message
):
    longer = (shape[0], 9, *shape[2:])
    with pytest.raises(ValueError, match=message):
        SpectrogramScaler().fit(images).transform([np.ones(shape), np.ones(longer)])


def test_the_image_that_is_not_finite_is_named(images):
    scaler = SpectrogramScaler().fit(images)
    images = images.copy()
    images[1, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"X\[1\] contains NaN or infinity"):
        scaler.transform(images)
    with pytest.raises(ValueError, match=r"X\[1\] contains NaN or infinity"):
        scaler.fit(images)


def test_five_dimensions_are_refused():
    with pytest.raises(ValueError, match="X has 5 dimensions, but images have shape"):
        SpectrogramScaler().fit(np.ones((2, 2, 2, 2, 2)))
