"""`skser extract` by windows, with the columns of the corpus, and the list of features."""

import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from skser import MFCC, RMS, Segment, load_model, make_audio_union, timeline
from skser.cli import _windows
from skser.cli._pipelines import feature_classes

RMS_ONLY = ["--features", "rms", "--pooling", "mean", "--deltas", "0"]
CUT = ["--window", "1", "--hop", "0.5"]


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A file of 3.2 s in two channels, whose loudness rises."""
    path = tmp_path_factory.mktemp("recording") / "rising.wav"
    y = np.random.default_rng(0).normal(size=(25600, 2)) * np.linspace(0.01, 0.1, 25600)[:, None]
    soundfile.write(path, y, 8000)
    return path


def extracted(skser, corpus, folder, *flags):
    output = folder / "features.csv"
    result = skser("extract", corpus, "-o", output, *flags)
    assert result.exit_code == 0, result.stderr
    return pd.read_csv(output), result.stderr


def test_a_row_is_a_window(skser, recording, tmp_path):
    table, said = extracted(
        skser, recording.parent, tmp_path, "--features", "mfcc,rms", "--deltas", "0", *CUT
    )
    assert table["start"].tolist() == [0, 0.5, 1, 1.5, 2, 2.2]
    np.testing.assert_allclose(table["end"] - table["start"], 1)
    parameters = {"pooling": ["mean", "std"]}
    union = make_audio_union(MFCC(**parameters), RMS(**parameters))
    parts = [Segment(recording, start, start + 1) for start in table["start"]]
    np.testing.assert_allclose(table.iloc[:, 5:], union.fit_transform(parts), rtol=1e-5)
    assert "6 windows of 1 clip," in said


def test_windows_are_those_of_a_timeline(skser, recording, model, tmp_path):
    table, _ = extracted(skser, recording.parent, tmp_path, *RMS_ONLY, "--window", "0.7")
    expected = timeline(load_model(model), recording, window=0.7, hop=0.7)
    np.testing.assert_allclose(table[["start", "end"]], expected[["start", "end"]])


def test_a_clip_shorter_than_the_window_is_one_row(skser, recording, tmp_path):
    table, said = extracted(skser, recording.parent, tmp_path, *RMS_ONLY, "--window", "5")
    assert table[["start", "end"]].to_numpy().tolist() == [[0, 3.2]]
    assert "1 of 1 clip is shorter than 5 s and becomes one row" in said


@pytest.mark.parametrize(("seconds", "is_told"), [("0.05", True), ("0.2", False)])
def test_windows_shorter_than_a_frame_of_the_analysis_are_told(
    skser, recording, tmp_path, seconds, is_told
):
    _, said = extracted(skser, recording.parent, tmp_path, *RMS_ONLY, "--window", seconds)
    assert ("are shorter than an analysis frame, which lasts 0.0929 s" in said) == is_told


def test_windows_of_segments_count_from_the_file(skser, recording, tmp_path):
    rows = pd.DataFrame({"path": [recording] * 2, "label": ["a", "b"], "who": ["x", "y"]})
    rows["start"], rows["end"] = [0.0, 1.5], [1.5, 3.0]
    rows.to_csv(tmp_path / "t.csv", index=False)
    table, _ = extracted(skser, tmp_path / "t.csv", tmp_path, *RMS_ONLY, *CUT)
    assert table["start"].tolist() == [0, 0.5, 1.5, 2]
    assert table["who"].tolist() == ["x", "x", "y", "y"]
    whole, _ = extracted(skser, recording.parent, tmp_path, *RMS_ONLY, *CUT)
    values = whole.set_index("start")["rms__rms_mean"]
    np.testing.assert_allclose(table["rms__rms_mean"], values[[0, 0.5, 1.5, 2]], rtol=1e-5)


@pytest.mark.slow
def test_processes_share_out_the_clips(skser, clips, tmp_path):
    tables = [
        extracted(skser, clips, tmp_path, *RMS_ONLY, *CUT, "--n-jobs", n_jobs)[0]
        for n_jobs in ("1", "2")
    ]
    pd.testing.assert_frame_equal(*tables)


def test_a_file_is_decoded_once(skser, recording, tmp_path, monkeypatch):
    decoded = []

    def watched(item, sr, read=_windows.read_blocks):
        for block, rate in read(item, sr):
            decoded.append(len(block))
            yield block, rate

    monkeypatch.setattr(_windows, "read_blocks", watched)
    extracted(skser, recording.parent, tmp_path, *RMS_ONLY, *CUT)
    assert sum(decoded) == 25600


def test_a_bad_file_is_named_and_left_out(skser, recording, tmp_path):
    (tmp_path / "a: bad.wav").write_bytes(b"no audio")
    (tmp_path / "good.wav").write_bytes(recording.read_bytes())
    y, sr = soundfile.read(recording)
    y[20000] = np.nan
    soundfile.write(tmp_path / "nan.wav", y, sr, subtype="FLOAT")
    table, said = extracted(skser, tmp_path, tmp_path, *RMS_ONLY, *CUT)
    assert len(table) == 6
    assert "2 of 3 clips could not be read and were left out" in said
    assert "a: bad.wav': libsndfile cannot read it" in said
    assert "nan.wav': the samples contain NaN" in said


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--hop", "1"], "--hop is the step between windows, so it needs --window"),
        (["--window", "0"], "--window 0 is invalid: pass 0.001 seconds or more"),
        (["--window", "1", "--hop", "-1"], "--hop -1 is invalid: pass 0.001 seconds or more"),
        (["--window", "inf"], "--window inf"),
    ],
)
def test_windows_that_cannot_be_are_refused(skser, recording, tmp_path, flags, message):
    output = tmp_path / "features.csv"
    result = skser("extract", recording.parent, "-o", output, *RMS_ONLY, *flags)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not output.exists()


def test_columns_of_the_table_come_along(skser, recording, tmp_path):
    rows = pd.DataFrame({"path": [recording], "label": ["anger"], "age": [31], "empty": [None]})
    rows.to_csv(tmp_path / "t.csv", index=False)
    table, _ = extracted(skser, tmp_path / "t.csv", tmp_path, *RMS_ONLY)
    assert table.columns[:5].tolist() == ["path", "start", "end", "speaker", "emotion"]
    assert table.columns[-2:].tolist() == ["age", "rms__rms_mean"]
    assert table["age"].tolist() == [31]


@pytest.mark.parametrize("flags", [[], ["--window", "1"]])
def test_a_column_with_the_name_of_a_feature_is_renamed(skser, recording, tmp_path, flags):
    rows = pd.DataFrame({"path": [recording], "label": ["sad"], "rms__rms_mean": [7]})
    rows.to_csv(tmp_path / "t.csv", index=False)
    table, _ = extracted(skser, tmp_path / "t.csv", tmp_path, *RMS_ONLY, *flags)
    assert table.columns[-2:].tolist() == ["rms__rms_mean (table)", "rms__rms_mean"]
    assert set(table["rms__rms_mean (table)"]) == {7}
    assert (table["rms__rms_mean"] < 1).all()


@pytest.mark.slow
def test_every_feature_is_listed_with_its_number_of_values(skser, recording, tmp_path):
    result = skser("extract", "--list-features")
    assert result.exit_code == 0, result.stderr
    listed = dict(re.findall(r"^(\w+) +(\d+)  \w", result.stdout, re.MULTILINE))
    assert set(listed) == set(feature_classes())
    assert listed["egemaps"] == "88"
    table, _ = extracted(skser, recording.parent, tmp_path, "--features", "rms,chroma")
    assert table.shape[1] - 5 == int(listed["rms"]) + int(listed["chroma"])
