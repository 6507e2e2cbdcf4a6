import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest

from skser import make_emotional_speech, plot_classes

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(3, 2, random_state=0)


@pytest.mark.parametrize("kind", ["spectrogram", "waveform"])
def test_each_class_has_a_panel(speech, kind):
    axes = plot_classes(speech, kind=kind, n_columns=3).axes
    assert [ax.get_title() for ax in axes] == speech.target_names.tolist()


def test_panels_share_the_axis_of_time(speech):
    limits = {ax.get_xlim() for ax in plot_classes(speech).axes}
    assert len(limits) == 1


def test_clips_are_those_of_the_speaker_with_most_classes():
    clips = [np.full(100, loudness) for loudness in (0.1, 0.2, 0.3, 0.4)]
    corpus = {"data": clips, "target": list("acab"), "groups": list("xzyy")}
    figure = plot_classes(corpus, kind="waveform")
    drawn = [ax.lines[0].get_ydata()[0] for ax in figure.axes]
    assert drawn == pytest.approx([0.3, 0.4, 0.2])


def test_without_speakers_the_first_clip_is_taken(speech):
    corpus = {"data": speech.data, "target": speech.target, "groups": None}
    assert len(plot_classes(corpus).axes) == 5


def test_an_unknown_kind_is_refused(speech):
    with pytest.raises(ValueError, match="'kind' parameter"):
        plot_classes(speech, kind="scalogram")
