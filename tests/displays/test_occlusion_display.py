from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import MFCC, Audio, OcclusionDisplay, RelevanceMap, make_emotional_speech

matplotlib.use("Agg")
SR = 16000


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def relevance():
    """Make a map of two bands and four windows of half a second, half of which overlaps."""

    def make(values=((0, 0.4, 0, 0), (0, 0, 0, -0.2)), **changes):
        starts = np.array([0, 0.25, 0.5, 0.75])
        fields = {
            "values": np.array(values, dtype=float),
            "windows": np.column_stack([starts, starts + 0.5]),
            "bands": np.array([[0.0, 1000.0], [1000.0, 8000.0]]),
            "label": "sad",
            "score": 0.7,
            "predicted": "sad",
            "predicted_score": 0.7,
            "measure": "probability",
            "method": "occlusion",
            "domain": "sound",
            "sound": Audio(np.random.default_rng(0).normal(size=20000).astype(np.float32), SR),
        }
        return RelevanceMap(**fields | changes)

    return make


@pytest.fixture(scope="module")
def model():
    speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    pipeline = make_pipeline(MFCC(5), LogisticRegression(max_iter=5000))
    return SimpleNamespace(fitted=pipeline.fit(speech.data, speech.target), clip=speech.data[0])


def at(display, time, frequency):
    """Return the colour drawn at a point, near the lowest or near the highest frequency."""
    left, right, *_ = display.image_.get_extent()
    colours = display.image_.get_array()
    column = int((time - left) / (right - left) * colours.shape[1])
    return colours[2 if frequency < 1000 else -2, column]


def test_colours_stand_at_their_seconds_and_their_hertz(relevance):
    display = OcclusionDisplay(relevance()).plot()
    red, _, blue, opacity = at(display, 0.5, 100)
    assert red > blue
    assert opacity > 200 / 255
    assert at(display, 0.5, 7000)[3] == 0
    red, _, blue, opacity = at(display, 1.1, 7000)
    assert blue > red
    assert 0.3 < opacity < 0.5


def test_colours_are_equally_deep_on_both_sides_of_zero(relevance):
    assert OcclusionDisplay(relevance()).plot().colorbar_.mappable.get_clim() == (-0.4, 0.4)


def test_a_map_of_zeros_is_drawn(relevance):
    display = OcclusionDisplay(relevance(np.zeros((2, 4)))).plot()
    assert display.image_.get_array()[..., 3].max() == 0


def test_a_map_of_next_to_nothing_is_pale_and_says_so(relevance):
    display = OcclusionDisplay(relevance(((0, 0.002, 0, 0), (0, 0, 0, 0)))).plot()
    assert display.colorbar_.mappable.get_clim() == pytest.approx((-0.02, 0.02))
    assert display.image_.get_array()[..., 3].max() < 0.1
    assert "no patch changes P(sad) by 0.02 or more" in display.ax_[0].get_title()
    # Decision values have a scale of their own.
    decisions = relevance(((0, 0.002, 0, 0), (0, 0, 0, 0)), measure="decision")
    assert OcclusionDisplay(decisions).plot().colorbar_.mappable.get_clim() == (-0.002, 0.002)


@pytest.mark.parametrize(("scale", "is_pale"), [(0.1, True), (10, False)])
def test_pixels_count_together(relevance, scale, is_pale):
    """Each changes less than a patch: it is their sum that is next to nothing."""
    pixels = np.full((2, 4), 0.002 * scale)
    display = OcclusionDisplay(relevance(pixels, method="saliency")).plot()
    assert (display.image_.get_array()[..., 3].max() < 0.1) == is_pale
    assert ("all pixels together do not change" in display.ax_[0].get_title()) == is_pale


def test_time_and_frequency_are_named(relevance):
    above, below = OcclusionDisplay(relevance()).plot().ax_
    assert below.get_xlabel() == "time (s)"
    assert below.get_ylabel() == "frequency (Hz, mel scale)"
    assert above.get_xlim() == below.get_xlim() == (0, 1.25)


@pytest.mark.parametrize(
    ("changes", "heading", "scale"),
    [
        ({}, "heard as sad (P = 0.70)", "P(sad) lost when hidden"),
        (
            {"label": "calm", "score": 0.1},
            "for calm (P = 0.10); heard as sad (P = 0.70)",
            "P(calm) lost when hidden",
        ),
        ({"measure": "decision"}, "heard as sad (0.70)", "decision value of sad lost when hidden"),
        ({"method": "saliency"}, "heard as sad (P = 0.70)", "P(sad) due to the pixel"),
    ],
)
def test_the_picture_says_what_it_shows(relevance, changes, heading, scale):
    display = OcclusionDisplay(relevance(**changes), title="a.wav").plot()
    assert display.ax_[0].get_title() == f"a.wav\n{heading}"
    assert display.colorbar_.ax.get_ylabel() == scale


def test_the_scale_can_be_left_out(relevance):
    assert OcclusionDisplay(relevance()).plot(colorbar=False).colorbar_ is None


def test_colours_can_be_chosen(relevance):
    scale = OcclusionDisplay(relevance()).plot(cmap="PuOr", vmax=1).colorbar_.mappable
    assert scale.get_cmap().name == "PuOr"
    assert scale.get_clim() == (-1, 1)


def test_it_is_made_of_a_model_and_a_clip(model):
    display = OcclusionDisplay.from_estimator(model.fitted, model.clip, n_bands=2, window=0.5)
    assert display.relevance.values.shape[0] == 2
    assert "heard as" in display.plot().ax_[0].get_title()


def test_it_draws_into_given_axes(relevance):
    _, axes = plt.subplots(2)
    assert OcclusionDisplay(relevance()).plot(axes).ax_.tolist() == axes.tolist()


def test_one_axes_is_too_few(relevance):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"ax contains 1 Axes.*plt.subplots\(2\)"):
        OcclusionDisplay(relevance()).plot(ax)
