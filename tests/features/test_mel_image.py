import matplotlib
import numpy as np
import pytest

from skser import MelImage

TIME = np.arange(22050) / 22050


def test_pictures_have_one_size_and_colours_between_0_and_1(rng):
    clips = [rng.normal(size=n) for n in (300, 22050)]
    pictures = MelImage(height=32, width=48).fit_transform(clips)
    assert pictures.shape == (2, 32, 48, 3)
    assert pictures.min() >= 0
    assert pictures.max() <= 1


def test_low_frequencies_are_at_the_bottom():
    picture = MelImage(cmap="gray").fit_transform([np.sin(2 * np.pi * 100 * TIME)])[0]
    assert picture.mean(axis=(1, 2)).argmax() >= 56


def test_time_goes_from_left_to_right():
    y = np.sin(2 * np.pi * 1000 * TIME) * (TIME > 0.5)
    picture = MelImage(cmap="gray").fit_transform([y])[0]
    assert picture[:, :25].max() < 0.1 < 0.8 < picture[:, 40:].max()


def test_loudest_band_has_the_last_colour_and_what_lies_deep_below_the_first():
    picture = MelImage(height=128, width=44).fit_transform([np.sin(2 * np.pi * 1000 * TIME)])[0]
    colours = matplotlib.colormaps["viridis"].colors
    assert any(np.allclose(pixel, colours[-1]) for pixel in picture.reshape(-1, 3))
    np.testing.assert_allclose(picture[0, 20], colours[0], atol=1e-6)


def test_does_not_depend_on_gain(rng):
    y = rng.normal(scale=0.1, size=22050)
    np.testing.assert_allclose(
        MelImage().fit_transform([4 * y]), MelImage().fit_transform([y]), atol=0.02
    )


def test_unknown_colour_map_is_refused():
    with pytest.raises((KeyError, ValueError), match="no such"):
        MelImage(cmap="no such").fit([np.ones(1)])
