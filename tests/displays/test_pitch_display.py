import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest

from skser import Audio, AudioError, Formants, Pitch, PitchDisplay, make_emotional_speech

matplotlib.use("Agg")

SR = 16000


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def clip():
    return make_emotional_speech(1, 1, emotions=["sad"], random_state=0).data[0]


def sawtooth(f0, seconds=1.0):
    return f0 * np.arange(int(seconds * SR)) / SR % 1 - 0.5


@pytest.fixture
def voice_and_pauses():
    pause = np.zeros(SR // 2)
    return Audio(np.concatenate([pause, sawtooth(120), pause, sawtooth(200, 0.5)]), SR)


def test_it_shows_what_pitch_and_formants_compute(clip):
    display = PitchDisplay.from_item(clip, n_formants=2)
    pitch = Pitch(pooling=None).fit_transform([clip])[0]
    formants = Formants(2, pooling=None).fit_transform([clip])[0].reshape(6, -1)[[0, 3]]
    np.testing.assert_array_equal(np.nan_to_num(display.f0), pitch)
    np.testing.assert_array_equal(np.nan_to_num(display.formants), formants)


def test_the_spectrogram_has_the_frames_of_the_pitch(clip):
    display = PitchDisplay.from_item(clip)
    assert display.decibels.shape == (len(display.frequencies), len(display.f0))
    assert display.times.shape == display.f0.shape
    np.testing.assert_allclose(np.diff(display.times), 0.01)


@pytest.mark.parametrize("sr", [8000, 16000, 44100])
def test_the_pitch_lies_on_the_first_harmonic(sr):
    display = PitchDisplay.from_item(Audio(np.sin(2 * np.pi * 220 * np.arange(sr) / sr), sr), sr=sr)
    loudest = display.frequencies[display.decibels.mean(axis=1).argmax()]
    assert loudest == pytest.approx(np.nanmedian(display.f0), abs=10)


def test_voiced_segments_are_shaded(voice_and_pauses):
    shades = PitchDisplay.from_item(voice_and_pauses).plot().voicing_
    edges = [path.vertices[:, 0] for path in shades.get_paths()]
    spans = [(edge.min(), edge.max()) for edge in edges]
    assert np.ravel(spans) == pytest.approx([0.5, 1.5, 2.0, 2.5], abs=0.04)


def test_a_formant_is_a_row_of_dots(clip):
    display = PitchDisplay.from_item(clip).plot()
    assert [dots.get_label() for dots in display.dots_] == ["F1", "F2", "F3"]
    second = np.ma.filled(display.dots_[1].get_offsets()[:, 1], np.nan)
    np.testing.assert_allclose(second, display.formants[1], rtol=1e-6)


def test_formants_can_be_left_out(clip):
    display = PitchDisplay.from_item(clip, n_formants=0).plot()
    assert display.formants.shape == (0, len(display.f0))
    assert display.dots_ == []


def test_the_legend_can_be_left_out(clip):
    display = PitchDisplay.from_item(clip)
    assert display.plot(legend=False).ax_.get_legend() is None
    shown = [text.get_text() for text in display.plot().ax_.get_legend().get_texts()]
    assert shown == ["F0", "F1", "F2", "F3", "voiced"]


def test_the_axis_is_logarithmic_and_ends_at_half_of_the_rate():
    display = PitchDisplay.from_item(sawtooth(120, 0.5), sr=8000).plot()
    assert display.ax_.get_yscale() == "log"
    assert display.ax_.get_ylim() == pytest.approx((50, 4000))


@pytest.mark.parametrize("y", [np.zeros(SR), np.ones(1), np.zeros(50)])
def test_without_a_voice_there_is_a_picture_without_marks(y):
    display = PitchDisplay.from_item(y).plot()
    display.figure_.canvas.draw()
    assert np.isnan(display.f0).all()
    assert not display.voicing_.get_paths()


def test_keywords_reach_the_spectrogram(clip):
    assert PitchDisplay.from_item(clip).plot(cmap="magma").image_.get_cmap().name == "magma"


def test_it_draws_into_given_axes(clip):
    _, ax = matplotlib.pyplot.subplots()
    assert PitchDisplay.from_item(clip).plot(ax).ax_ is ax


@pytest.mark.parametrize("parameter", [{"sr": 7999}, {"n_formants": 6}, {"n_formants": -1}])
def test_a_parameter_out_of_range_is_refused(clip, parameter):
    with pytest.raises(ValueError, match=f"'{next(iter(parameter))}' parameter"):
        PitchDisplay.from_item(clip, **parameter)


def test_more_formants_than_there_is_room_for_are_refused(clip):
    with pytest.raises(ValueError, match=r"n_formants=5 exceeds the 4 .* at sr=8000"):
        PitchDisplay.from_item(clip, sr=8000, n_formants=5)


def test_a_clip_that_cannot_be_read_is_named():
    with pytest.raises(AudioError, match=r"'no.wav': no such file"):
        PitchDisplay.from_item("no.wav")
