import io

import numpy as np
import pytest
import soundfile

from skser import Audio, AudioError, LiveRecognizer, Segment, timeline
from skser.audio._blocks import read_blocks


@pytest.fixture(scope="module")
def flac(recording, tmp_path_factory):
    """The recording as a stereo file, and as samples."""
    path = tmp_path_factory.mktemp("timeline") / "long.flac"
    soundfile.write(path, np.column_stack([recording, recording[::-1]]), 22050)
    return path, soundfile.read(path, dtype="float32")[0].T


def test_a_row_is_what_is_said_live(model, recording):
    table = timeline(model, Audio(recording, 22050), hop=0.5)
    live = LiveRecognizer(model, hop=0.5)
    events = live.push(recording, 22050) + live.flush()
    assert table.columns[:5].tolist() == ["start", "end", "label", "level", "reason"]
    assert table.columns[5:].tolist() == [f"p_{label}" for label in model.classes_]
    for (_, row), event in zip(table.iterrows(), events, strict=True):
        assert row.tolist()[:5] == [*event[:3], event.level, None]
        assert row.tolist()[5:] == list(event.probabilities.values())


def test_and_what_predict_segments_says(segments, flac):
    path, _ = flac
    table = timeline(segments, path, hop=0.25)
    expected = segments.predict_segments([path], batch_size=1).drop(columns="clip")
    for name in expected:
        assert table[name].tolist() == expected[name].tolist()
    np.testing.assert_allclose(
        segments.predict_segments([path]).iloc[:, 4:], expected.iloc[:, 3:], atol=1e-5
    )


def test_a_file_is_what_its_samples_are(model, flac, monkeypatch):
    path, y = flac
    monkeypatch.setattr("skser.audio._blocks._SECONDS", 1)
    expected = timeline(model, Audio(y, 22050))
    assert timeline(model, path).equals(expected)
    assert timeline(model, io.BytesIO(path.read_bytes())).equals(expected)
    assert len(list(read_blocks(path, 8000))) == len(list(read_blocks(Audio(y, 22050), 1))) == 10


def test_the_times_of_a_segment_are_those_of_its_file(model, flac):
    path, y = flac
    part = timeline(model, Segment(path, 2.0, 7.0))
    expected = timeline(model, Audio(y[:, 2 * 22050 : 7 * 22050], 22050))
    assert part["start"].tolist() == [2.0, 3.0, 4.0, 5.0]
    assert part.iloc[:, 2:].equals(expected.iloc[:, 2:])


def test_a_recording_may_have_any_number_of_channels(model, recording):
    many = Audio(np.tile((2**15 * recording).astype("int16"), (16, 1)), 22050)
    one = Audio((2**15 * recording).astype("int16"), 22050)
    assert timeline(model, many)["start"].tolist() == timeline(model, one)["start"].tolist()
    assert timeline(model, many)["label"].tolist() == timeline(model, one)["label"].tolist()


def test_silence_is_a_row_of_nan(model, recording):
    quiet = timeline(model, np.zeros(5 * 22050, np.float32), hop=2.0)
    assert quiet["reason"].tolist() == ["quiet"] * 3
    assert quiet["label"].tolist() == [None] * 3
    assert quiet.iloc[:, 5:].isna().all(axis=None)
    assert quiet.shape == (3, 5 + len(model.classes_))


def test_smoothing_averages_the_windows_near(model, recording):
    clip = Audio(np.concatenate([recording, np.zeros(3 * 22050), recording]), 22050)
    plain, smooth = timeline(model, clip), timeline(model, clip, smooth=2.0)
    shares = [name for name in plain if name.startswith("p_")]
    for i in range(1, len(plain) - 2):
        near = plain[shares].iloc[i - 1 : i + 2].mean()
        if plain["label"][i] is None:
            assert smooth["label"][i] is None
            assert smooth.loc[i, shares].isna().all()
        else:
            np.testing.assert_allclose(smooth.loc[i, shares].astype(float), near, rtol=1e-12)
            assert smooth["label"][i] == near.idxmax().removeprefix("p_")
    assert smooth["label"].tolist() != plain["label"].tolist()
    assert (smooth["reason"] == "quiet").sum() == 2


def test_smoothing_needs_probabilities(unsure, recording):
    assert timeline(unsure, recording).columns.tolist()[-1] == "reason"
    with pytest.raises(ValueError, match="Unsure has no predict_proba"):
        timeline(unsure, recording, smooth=3.0)


def test_a_file_that_is_not_there_is_named(model):
    with pytest.raises(AudioError, match=r"'no/such\.wav': no such file"):
        timeline(model, "no/such.wav")


@pytest.mark.parametrize("parameters", [{"smooth": 0}, {"smooth": np.nan}, {"hop": 0}], ids=str)
def test_a_parameter_out_of_range_is_refused(model, recording, parameters):
    with pytest.raises(ValueError, match=f"The '{next(iter(parameters))}' parameter"):
        timeline(model, recording, **parameters)
