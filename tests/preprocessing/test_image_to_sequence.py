import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from skser import AudioError, ImageToSequence, Mel, Mel2D, SpectrogramScaler


@pytest.fixture
def ragged(rng):
    images = np.empty(3, dtype=object)
    for index, n_frames in enumerate([4, 7, 1]):
        images[index] = rng.normal(size=(2, n_frames, 3)).astype(np.float32)
    return images


def test_a_row_of_the_image_becomes_a_column_of_the_sequence():
    image = [[1, 2, 3], [4, 5, 6]]
    np.testing.assert_array_equal(
        ImageToSequence().fit_transform([image]), [[[1, 4], [2, 5], [3, 6]]]
    )


def test_channels_of_a_row_stand_side_by_side():
    row_0, row_1 = [[0, 1], [2, 3]], [[4, 5], [6, 7]]
    np.testing.assert_array_equal(
        ImageToSequence().fit_transform([[row_0, row_1]]), [[[0, 1, 4, 5], [2, 3, 6, 7]]]
    )


def test_a_table_is_taken_for_images_of_one_frame(rng):
    table = rng.normal(size=(5, 3))
    np.testing.assert_array_equal(ImageToSequence().fit_transform(table), table[:, np.newaxis])


def test_images_that_differ_in_length_become_such_sequences(ragged):
    sequences = ImageToSequence().fit_transform(ragged)
    assert sequences.dtype == object
    assert [sequence.shape for sequence in sequences] == [(4, 6), (7, 6), (1, 6)]
    for image, sequence in zip(ragged, sequences, strict=True):
        np.testing.assert_array_equal(
            sequence, ImageToSequence().fit_transform(image[np.newaxis])[0]
        )


def test_a_list_of_images_of_one_size_becomes_one_array(rng):
    images = rng.normal(size=(3, 2, 4))
    np.testing.assert_array_equal(
        ImageToSequence().fit_transform(list(images)), images.swapaxes(1, 2)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 4), (3, 2, 4, 2)])
def test_dtype_is_kept(dtype, shape, rng):
    images = rng.normal(size=shape).astype(dtype)
    assert ImageToSequence().fit_transform(images).dtype == dtype


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 4), (3, 2, 4, 2), (1, 1, 1, 1)])
def test_sequences_are_a_copy(shape):
    images = np.ones(shape)
    sequences = ImageToSequence().fit_transform(images)
    sequences[:] = 0
    assert images.all()


def test_number_of_frames_may_differ_from_fit(rng, ragged):
    converter = ImageToSequence().fit(ragged)
    assert converter.transform(rng.normal(size=(5, 2, 9, 3))).shape == (5, 9, 6)


def test_stands_between_images_and_a_network_in_a_pipeline(rng):
    clips = [rng.normal(scale=0.1, size=n) for n in (3000, 5000)]
    pipeline = make_pipeline(Mel2D(8, duration=0.2), SpectrogramScaler(), ImageToSequence())
    assert pipeline.fit_transform(clips).shape == (2, 1 + 4410 // 512, 8)


def test_a_frame_of_the_sequence_is_the_frame_of_the_spectrogram(rng):
    clip = rng.normal(scale=0.1, size=(1, 3000))
    (sequence,) = make_pipeline(Mel2D(8), ImageToSequence()).fit_transform(clip)
    third = Mel(8, to_db=True, pooling=lambda frames: frames[:, 3]).fit_transform(clip)[0]
    np.testing.assert_array_equal(sequence[3], third)


def test_other_number_of_rows_is_refused(ragged):
    with pytest.raises(ValueError, match="X has 5 features, but ImageToSequence is expecting 2"):
        ImageToSequence().fit(ragged).transform(np.ones((1, 5, 4, 3)))


@pytest.mark.parametrize("shape", [(1, 2, 4), (1, 2), (1, 2, 4, 2)])
def test_other_number_of_channels_is_refused(ragged, shape):
    with pytest.raises(ValueError, match="was fitted on images of 3 channels"):
        ImageToSequence().fit(ragged).transform(np.ones(shape))


def test_other_number_of_channels_in_one_image_is_refused(ragged):
    ragged[1] = ragged[1][..., :2]
    with pytest.raises(AudioError, match=r"X\[1\] has shape \(2, 7, 2\), but X\[0\] has"):
        ImageToSequence().fit(ragged)


def test_five_dimensions_are_refused():
    with pytest.raises(ValueError, match="X has 5 dimensions, but images have shape"):
        ImageToSequence().fit(np.ones((2, 2, 2, 2, 2)))
