"""The commands that recognise windows of a recording, or of what a microphone hears."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile

from skser import LiveEvent, load_model, timeline
from skser.cli._listen import bar, line_of


@pytest.fixture(scope="module")
def recording(clips, tmp_path_factory):
    """Speech, three seconds of silence, speech."""
    files = sorted(clips.glob("*/*.wav"))[::4]
    sounds = [soundfile.read(file)[0] for file in files]
    sr = soundfile.info(files[0]).samplerate
    path = tmp_path_factory.mktemp("recording") / "long.wav"
    soundfile.write(path, np.concatenate([*sounds[:4], np.zeros(3 * sr), *sounds[4:]]), sr)
    return path


@pytest.fixture(scope="module")
def expected(model, recording):
    return timeline(load_model(model), recording, window=1.0, hop=0.5)


def write(skser, recording, model, output, *flags):
    flags = ["--window", "1", "--hop", "0.5", *flags]
    return skser("timeline", recording, "--model", model, "-o", output, *flags)


def test_timeline_writes_a_table(skser, recording, model, expected, tmp_path):
    result = write(skser, recording, model, tmp_path / "t.csv")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    table = pd.read_csv(tmp_path / "t.csv")
    assert table.columns.tolist() == expected.columns.tolist()
    np.testing.assert_allclose(table["p_sad"], expected["p_sad"])
    assert (table["reason"] == "quiet").sum() == 4


def test_timeline_writes_json(skser, recording, model, expected, tmp_path):
    assert write(skser, recording, model, tmp_path / "t.json").exit_code == 0
    rows = json.loads((tmp_path / "t.json").read_text())
    assert [row["label"] for row in rows] == expected["label"].tolist()
    assert rows[0]["probabilities"]["sad"] == expected["p_sad"][0]
    [silent, *_] = [row for row in rows if row["reason"] == "quiet"]
    assert silent["probabilities"] is None
    assert silent["level"] is None


def test_timeline_writes_a_textgrid(skser, recording, model, expected, tmp_path):
    assert write(skser, recording, model, tmp_path / "t.TextGrid").exit_code == 0
    text = (tmp_path / "t.TextGrid").read_text(encoding="utf-8")
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n')
    assert f"xmax = {float(expected['end'].iloc[-1])!r}\n" in text
    assert 'text = ""' in text


def test_timeline_smooths(skser, recording, model, tmp_path):
    assert write(skser, recording, model, tmp_path / "t.csv", "--smooth", "3").exit_code == 0
    smooth = timeline(load_model(model), recording, window=1.0, hop=0.5, smooth=3.0)
    np.testing.assert_allclose(pd.read_csv(tmp_path / "t.csv")["p_sad"], smooth["p_sad"])


@pytest.mark.parametrize(
    ("name", "flags", "message"),
    [
        ("t.txt", [], "name a .csv, a .TextGrid or a .json file"),
        ("no/t.csv", [], "does not exist. Create it"),
        ("t.csv", ["--hop", "0"], "'hop'"),
        ("t.csv", ["--smooth", "-1"], "'smooth'"),
    ],
)
def test_timeline_says_what_is_wrong(skser, recording, model, tmp_path, name, flags, message):
    result = write(skser, recording, model, tmp_path / name, *flags)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / name).exists()


def test_listen_prints_a_line_for_each_window_of_a_file(skser, recording, model, expected):
    flags = ["--input", recording, "--window", "1", "--hop", "0.5"]
    result = skser("listen", model, *flags)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    classes = ["angry", "neutral", "sad"]
    assert len(lines) == len(expected)
    for line, (_, row) in zip(lines, expected.iterrows(), strict=True):
        end, _, _level, _, said, *bars = line.split()
        assert float(end) == round(row["end"], 1)
        assert said == (row["label"] or "(quiet)")
        assert [bar for bar in bars if bar.isascii()] == (row["label"] is not None) * classes


def test_listen_at_the_speed_of_the_file_waits_for_it(skser, clips, model, monkeypatch):
    waited = []
    monkeypatch.setattr("skser.cli._listen.time.sleep", waited.append)
    file = sorted(clips.glob("*/*.wav"))[0]
    assert skser("listen", model, "--input", file, "--realtime").exit_code == 0
    assert sum(waited) == pytest.approx(soundfile.info(file).duration)


def test_listen_hears_a_microphone_until_it_is_interrupted(skser, recording, model, monkeypatch):
    y, sr = soundfile.read(recording, dtype="float32")

    def microphone():
        yield from np.split(y[: 2 * sr], 20)
        raise KeyboardInterrupt

    asked = []

    def open_one(device):
        asked.append(device)
        return microphone(), sr

    monkeypatch.setattr("skser.cli._listen.open_microphone", open_one)
    result = skser("listen", model, "--window", "1", "--device", "2")
    assert result.exit_code == 130
    assert asked == [2]
    assert len(result.stdout.splitlines()) == 3
    assert f"Listening at {sr:g} Hz" in result.stderr


def test_listen_says_what_a_microphone_needs(skser, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    result = skser("listen", model)
    assert result.exit_code == 1
    assert "pip install 'skser[live]'" in result.stderr


def test_listen_names_a_file_that_is_not_there(skser, model):
    result = skser("listen", model, "--input", "no.wav")
    assert result.exit_code == 1
    assert "no such file" in result.stderr


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, " " * 8), (1, "█" * 8), (0.5, "████    "), (1 / 64, "▏       ")]
)
def test_a_bar_has_eighths_of_a_character(share, drawn):
    assert bar(share) == drawn


def test_a_line_has_a_bar_for_each_class():
    event = LiveEvent(1.0, 3.0, "sad", {"angry": 0.25, "sad": 0.75}, -21.26)
    line = line_of(event, np.array(["angry", "sad"]))
    assert line == "     3.0 s  -21.3 dB  sad           angry ██        sad ██████"
    quiet = LiveEvent(1.0, 3.0, None, None, -np.inf, "quiet")
    assert line_of(quiet, np.array(["angry", "sad"])) == "     3.0 s   -inf dB  (quiet)"
