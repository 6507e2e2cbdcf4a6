import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import RMS, Audio, LiveEvent, Segment, SegmentClassifier, TimelineDisplay

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "start": [0.0, 1.0, 2.0],
            "end": [2.0, 3.0, 4.0],
            "label": ["sad", None, "angry"],
            "p_angry": [0.2, np.nan, 0.9],
            "p_sad": [0.8, np.nan, 0.1],
        }
    )


@pytest.fixture
def clip():
    return Audio(np.sin(np.arange(4 * 8000) / 10), 8000)


def test_a_class_is_a_line_over_the_middles_of_the_windows(table):
    [ax] = TimelineDisplay.from_predictions(table).plot().ax_
    angry, sad = ax.lines
    assert (angry.get_label(), sad.get_label()) == ("angry", "sad")
    assert sad.get_xdata().tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(sad.get_ydata(), [0.8, np.nan, 0.1])
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 4), (0, 1))


def test_what_has_no_label_is_grey(table):
    [ax] = TimelineDisplay.from_predictions(table).plot().ax_
    [grey] = ax.patches
    assert grey.get_extents().transformed(ax.transData.inverted()).intervalx.tolist() == [1.5, 2.5]


def test_stacked_classes_fill_up_to_one(table):
    [ax] = TimelineDisplay.from_predictions(table.drop(index=1)).plot(kind="stacked").ax_
    top = ax.collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(1)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["angry", "sad"]


def test_stacked_windows_fill_the_time_that_is_not_grey(table):
    """Also one between two without a label, and one alone."""
    [ax] = TimelineDisplay.from_predictions(table).plot(kind="stacked").ax_
    areas = [path.get_extents().bounds for path in ax.collections[0].get_paths()]
    np.testing.assert_allclose(areas, [(0, 0, 1.5, 0.2), (2.5, 0, 1.5, 0.9)])
    [ax] = TimelineDisplay.from_predictions(table.iloc[:1]).plot(kind="stacked").ax_
    assert ax.collections[0].get_paths()[0].get_extents().bounds == (0, 0, 2, 0.2)


def test_the_waveform_is_beneath(table, clip, tmp_path):
    above, below = TimelineDisplay.from_predictions(table, clip).plot().ax_
    assert below.get_xlabel() == "time (s)"
    assert above.get_xlim() == below.get_xlim() == (0, 4)
    soundfile.write(tmp_path / "long.wav", clip.y, 8000)
    above, _ = TimelineDisplay.from_predictions(table, tmp_path / "long.wav").plot().ax_
    assert above.get_title() == "long.wav"


def test_the_time_of_a_segment_counts_from_its_start(table, clip, tmp_path):
    soundfile.write(tmp_path / "long.wav", clip.y, 8000)
    part = Segment(tmp_path / "long.wav", 1.0, 4.0)
    above, below = TimelineDisplay.from_predictions(table.iloc[1:], part).plot().ax_
    assert above.get_xlim() == below.get_xlim() == (0, 3)
    assert below.get_lines() or below.collections


def test_events_are_drawn_as_their_table(table):
    events = [
        LiveEvent(0.0, 2.0, "sad", {"angry": 0.2, "sad": 0.8}, -20.0),
        LiveEvent(1.0, 3.0, None, None, -80.0, "quiet"),
        LiveEvent(2.0, 4.0, "angry", {"angry": 0.9, "sad": 0.1}, -20.0),
    ]
    drawn = TimelineDisplay.from_predictions(events).table
    drawn = drawn[table.columns].astype({"label": table["label"].dtype})
    pd.testing.assert_frame_equal(drawn, table)


def test_of_a_segment_classifier_its_pieces_are_drawn(clip):
    X = [clip, Audio(0.1 * clip.y, 8000)]
    classifier = SegmentClassifier(make_pipeline(RMS(), LogisticRegression())).fit(X, ["a", "b"])
    display = TimelineDisplay.from_estimator(classifier, clip)
    assert display.table.equals(classifier.predict_segments([clip]))
    assert len(display.plot().ax_) == 2
    with pytest.raises(ValueError, match="Pipeline has no predict_segments"):
        TimelineDisplay.from_estimator(classifier.estimator_, clip)


def test_without_probabilities_there_is_nothing_to_draw(table):
    with pytest.raises(ValueError, match="no probabilities to draw"):
        TimelineDisplay.from_predictions(table[["start", "end", "label"]])


def test_several_clips_are_no_timeline(table):
    with pytest.raises(ValueError, match="several clips"):
        TimelineDisplay.from_predictions(table.assign(clip=[0, 0, 1]))


def test_it_draws_on_given_axes(table, clip):
    _, axes = plt.subplots(2)
    assert TimelineDisplay.from_predictions(table, clip).plot(axes).ax_.tolist() == axes.tolist()
    with pytest.raises(ValueError, match="ax contains 2 Axes, but TimelineDisplay draws on 1"):
        TimelineDisplay.from_predictions(table).plot(axes)
