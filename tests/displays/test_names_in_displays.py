"""Names of files, classes and features are shown as they are written."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from sklearn.utils import Bunch

from skser import (
    Audio,
    CorpusDisplay,
    EmotionReport,
    GroupImportanceDisplay,
    OcclusionDisplay,
    PitchDisplay,
    RelevanceMap,
    SelectionDisplay,
    SpectrogramDisplay,
    TimelineDisplay,
    WaveformDisplay,
    plot_classes,
)

matplotlib.use("Agg")

NAME = r"b$\foo$"
"""As a formula it has an error."""

SR = 8000
SOUND = np.sin(np.arange(SR) / 10).astype(np.float32)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def occlusion_display():
    relevance = RelevanceMap(
        values=np.ones((1, 1)),
        windows=np.array([[0.0, 1.0]]),
        bands=np.array([[0.0, 4000.0]]),
        label=NAME,
        score=0.7,
        predicted=NAME,
        predicted_score=0.7,
        measure="probability",
        method="occlusion",
        domain="sound",
        sound=Audio(SOUND, SR),
    )
    return OcclusionDisplay(relevance, title=NAME)


def timeline_display():
    columns = {"start": [0.0, 1.0], "end": [1.0, 2.0], f"p_{NAME}": [0.1, 0.2]}
    waveform = WaveformDisplay(SOUND, SR, title=NAME)
    return TimelineDisplay(pd.DataFrame(columns), waveform=waveform)


def selection_display():
    table = {"step": [0], "added": [(NAME,)], "mean_test_x": [0.3], "std_test_x": [0.1]}
    return SelectionDisplay(pd.DataFrame(table), score="x", label=NAME)


def corpus_display():
    frame = {"emotion": [NAME, "sad"], "speaker": ["ann", NAME], "duration": [1.0, 2.0]}
    return CorpusDisplay(pd.DataFrame(frame))


def pitch_display():
    levels = np.zeros((2, 2))
    return PitchDisplay(
        np.ones(2), np.ones((0, 2)), levels, np.array([60.0, 99.0]), np.array([0, 1]), title=NAME
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: GroupImportanceDisplay([NAME], [[0.1]], NAME),
        occlusion_display,
        timeline_display,
        selection_display,
        corpus_display,
        pitch_display,
        lambda: WaveformDisplay(SOUND, SR, title=NAME),
        lambda: SpectrogramDisplay(np.zeros((2, 2)), [60.0, 99.0], [0.0, 1.0], title=NAME),
        lambda: EmotionReport.from_predictions([NAME, "sad"], [NAME, "sad"], [1, 2]),
    ],
)
def test_a_display_shows_names_as_they_are_written(make):
    figure = make().plot().figure_
    # As a formula, the name could not be drawn.
    figure.draw_without_rendering()
    assert any(NAME in text.get_text() for text in figure.findobj(Text))


def test_so_do_the_panels_of_classes():
    corpus = Bunch(data=[Audio(SOUND, SR)], target=[NAME], groups=None)
    figure = plot_classes(corpus, kind="waveform")
    figure.draw_without_rendering()
    assert figure.axes[0].get_title() == NAME
