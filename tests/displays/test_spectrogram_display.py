import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest

from skser import Audio, AudioError, Mel, SpectrogramDisplay

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def tone():
    return Audio(0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000), 16000)


def test_it_shows_what_mel_computes(tone):
    display = SpectrogramDisplay.from_item(tone, n_mels=40)
    expected = Mel(40, to_db=True, pooling=None).fit_transform([tone])
    np.testing.assert_allclose(display.decibels.ravel(), expected[0], atol=1e-3)


def test_a_tone_is_bright_at_its_frequency(tone):
    display = SpectrogramDisplay.from_item(tone)
    loudest = display.frequencies[display.decibels.mean(axis=1).argmax()]
    assert loudest == pytest.approx(1000, rel=0.03)


def test_ticks_stand_at_the_bands_of_their_frequency(tone):
    ax = SpectrogramDisplay.from_item(tone).plot().ax_
    at = {t.get_text(): y for t, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    frequencies = SpectrogramDisplay.from_item(tone).frequencies
    assert frequencies[round(at["1024"])] == pytest.approx(1024, rel=0.03)


def test_time_is_that_of_the_clip(tone):
    display = SpectrogramDisplay.from_item(tone).plot()
    assert display.ax_.get_xlim() == pytest.approx((0, 1), abs=0.03)


def test_silence_is_dark():
    display = SpectrogramDisplay.from_item(np.zeros(8000)).plot()
    image = display.image_
    assert image.norm(image.get_array()).max() == pytest.approx(0, abs=1e-6)


def test_a_clip_of_one_sample_can_be_drawn():
    assert SpectrogramDisplay.from_item(np.ones(1)).plot().decibels.shape == (128, 1)


def test_the_scale_can_be_left_out(tone):
    assert SpectrogramDisplay.from_item(tone).plot(colorbar=False).colorbar_ is None
    assert SpectrogramDisplay.from_item(tone).plot().colorbar_.ax.get_ylabel() == "power (dB)"


def test_keywords_reach_the_image(tone):
    assert SpectrogramDisplay.from_item(tone).plot(vmin=-60).image_.get_clim()[0] == -60


def test_it_draws_into_given_axes(tone):
    _, ax = matplotlib.pyplot.subplots()
    assert SpectrogramDisplay.from_item(tone).plot(ax).ax_ is ax


@pytest.mark.parametrize("parameter", [{"n_mels": 0}, {"hop_length": 0}, {"sr": -1}])
def test_a_parameter_out_of_range_is_refused(tone, parameter):
    with pytest.raises(ValueError, match=f"'{next(iter(parameter))}' parameter"):
        SpectrogramDisplay.from_item(tone, **parameter)


def test_a_clip_that_cannot_be_read_is_named():
    with pytest.raises(AudioError, match=r"'no.wav': no such file"):
        SpectrogramDisplay.from_item("no.wav")
