import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
import soundfile

from skser import Audio, Segment, WaveformDisplay

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def tone():
    return Audio(0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000), 16000)


def test_samples_stand_over_time(tone):
    (line,) = WaveformDisplay.from_item(tone).plot(color="red").ax_.lines
    np.testing.assert_allclose(line.get_ydata(), tone.y, atol=1e-6)
    assert line.get_xdata()[8000] == 0.5
    assert line.get_color() == "red"


def test_of_a_long_clip_the_range_is_drawn():
    y = np.zeros(1_000_000)
    y[500_000], y[700_000] = 0.9, -0.7
    ax = WaveformDisplay.from_item(Audio(y, 16000)).plot().ax_
    edge = ax.collections[0].get_paths()[0].vertices
    assert len(edge) < 10_000
    assert (edge[:, 1].min(), edge[:, 1].max()) == pytest.approx((-0.7, 0.9))


def test_a_file_is_named(tmp_path, tone):
    soundfile.write(tmp_path / "a.wav", tone.y, tone.sr)
    assert WaveformDisplay.from_item(tmp_path / "a.wav").title == "a.wav"
    part = WaveformDisplay.from_item(Segment(tmp_path / "a.wav", 0.25, 0.5))
    assert (part.title, len(part.y)) == ("a.wav, 0.25 to 0.5 s", 4000)


def test_an_array_is_taken_to_be_at_sr():
    display = WaveformDisplay.from_item(np.ones(4000), sr=8000).plot()
    assert display.ax_.get_xlim() == (0, 0.5)
