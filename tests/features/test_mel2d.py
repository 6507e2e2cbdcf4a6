import librosa
import numpy as np

from skser import Mel, Mel2D


def test_row_is_a_band_and_column_a_frame(rng):
    y = rng.normal(size=(2, 5000))
    images = Mel2D(40).fit_transform(y)
    assert images.shape == (2, 40, 1 + 5000 // 512)
    vectors = Mel(40, to_db=True, pooling=None).fit_transform(y)
    np.testing.assert_array_equal(images.reshape(2, -1), vectors)


def test_without_duration_an_image_is_as_long_as_its_clip(rng):
    images = Mel2D(40).fit_transform([rng.normal(size=n) for n in (5000, 700)])
    assert [image.shape for image in images] == [(40, 1 + 5000 // 512), (40, 1 + 700 // 512)]


def test_loudest_row_of_a_tone_is_the_band_at_its_frequency(quarter_rate_cosine):
    image = Mel2D().fit_transform([quarter_rate_cosine])[0]
    frequencies = librosa.mel_frequencies(130, fmax=22050 / 2)[1:-1]
    assert image.mean(axis=1).argmax() == np.abs(frequencies - 22050 / 4).argmin()
