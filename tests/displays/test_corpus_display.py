import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest

from skser import CorpusDisplay, make_emotional_speech

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(3, 2, random_state=0)


def test_it_counts_clips(speech):
    emotion, speaker, *_ = CorpusDisplay.from_corpus(speech).plot().ax_
    assert [bar.get_height() for bar in emotion.patches] == [6] * 5
    assert [bar.get_height() for bar in speaker.patches] == [10] * 3
    assert [t.get_text() for t in speaker.get_xticklabels()] == ["s01", "s02", "s03"]


def test_what_is_not_known_has_no_panel(speech):
    frame = speech.frame.drop(columns="sex").assign(intensity=None)
    display = CorpusDisplay(frame).plot()
    assert [ax.get_title() for ax in display.ax_] == ["emotion", "speaker", "duration"]


def test_it_says_how_many_are_unknown(speech):
    frame = speech.frame.assign(sex=["male"] * 10 + [None] * 20)
    assert CorpusDisplay(frame).plot().ax_[2].get_title() == "sex (20 unknown)"


def test_durations_are_shown_by_emotion(speech):
    ax = CorpusDisplay.from_corpus(speech).plot().ax_[-1]
    assert [t.get_text() for t in ax.get_xticklabels()] == speech.target_names.tolist()


def test_durations_that_the_frame_lacks_are_those_of_the_clips(speech):
    known = speech.frame["duration"]
    speech = speech | {"frame": speech.frame.drop(columns="duration")}
    np.testing.assert_allclose(CorpusDisplay.from_corpus(speech).frame["duration"], known)


def test_names_of_many_speakers_are_left_out(speech):
    frame = pd.DataFrame({"speaker": [f"{i:03d}" for i in range(91)]})
    ax = CorpusDisplay(frame).plot().ax_[0]
    assert (len(ax.get_xticks()), ax.get_xlabel()) == (0, "91 speakers")


def test_durations_of_no_known_emotion_are_shown_too():
    ax = (
        CorpusDisplay(pd.DataFrame({"emotion": ["sad", None], "duration": [1.0, 2.0]}))
        .plot()
        .ax_[1]
    )
    assert [t.get_text() for t in ax.get_xticklabels()] == ["sad", "unknown"]


def test_a_frame_that_knows_nothing_is_refused():
    with pytest.raises(ValueError, match="has no values in the columns"):
        CorpusDisplay(pd.DataFrame({"path": ["a.wav"]})).plot()


def test_it_draws_into_given_axes(speech):
    figure, axes = matplotlib.pyplot.subplots(2, 3)
    display = CorpusDisplay.from_corpus(speech).plot(axes)
    assert display.ax_.tolist() == axes.ravel()[:5].tolist()
    assert display.figure_ is figure


def test_too_few_axes_are_refused(speech):
    _, axes = matplotlib.pyplot.subplots(2)
    with pytest.raises(ValueError, match=r"2 Axes, but there are 5 panels"):
        CorpusDisplay.from_corpus(speech).plot(axes)
